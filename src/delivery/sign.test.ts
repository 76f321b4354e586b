/** Signatures are checked by somebody else's verifier: the `standardwebhooks` package. */
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { answer, startReceiver } from '../../test/support/receiver.ts';
import { createGuard } from './guard/index.ts';
import { createSender } from './send.ts';
import { generateSecret, isSecret, sign, signatureHeaders } from './sign.ts';

// The verifier refuses timestamps more than five minutes away from its own clock.
const timestampSec = Math.floor(Date.now() / 1000);
const body = '{"sequence":1,"place":"Le Havre – Ämter"}';

describe('sign', () => {
  it('gives the example of the specification', () => {
    const signature = sign({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSec: 1_614_265_330,
      body: '{"test": 2432232314}',
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    });
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is verified with one secret', () => {
    const secret = generateSecret();
    const headers = signatureHeaders({ id: 'msg_1', timestampSec, body, secrets: [secret] });
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it('is verified with either of two secrets, and with no third', () => {
    const secrets = [generateSecret(), generateSecret()];
    const headers = signatureHeaders({ id: 'msg_1', timestampSec, body, secrets });
    for (const secret of secrets) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    }
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(() => new Webhook(generateSecret()).verify(body, headers)).toThrow('No matching');
  });

  it('holds for what a receiver really got', async () => {
    const secret = generateSecret();
    const receiver = await startReceiver(answer({}));
    const guard = createGuard({ allow: ['127.0.0.1'] });
    const sender = createSender({ guard });
    const headers = signatureHeaders({ id: 'msg_1', timestampSec, body, secrets: [secret] });
    await sender.send({ url: receiver.url, headers, body, timeoutMs: 5_000 });
    const [received] = await receiver.next();
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const got = Object.fromEntries(names.map((name) => [name, String(received?.headers[name])]));
    expect(new Webhook(secret).verify(String(received?.body), got)).toEqual(JSON.parse(body));
    await sender.close();
    await receiver.close();
  });

  it('holds for any text, as a string and as bytes', () => {
    const secret = generateSecret();
    const verifier = new Webhook(secret);
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'grapheme' }), (id, text) => {
        const signing = { id, timestampSec, secrets: [secret] };
        const headers = signatureHeaders({ ...signing, body: text });
        verifier.verify(text, headers, { jsonParse: false });
        expect(sign({ ...signing, body: Buffer.from(text) })).toBe(headers['webhook-signature']);
      }),
    );
  });

  it.each(['', 'whsec_', 'secret', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(88)}`, 'whsec_****'])(
    'throws on the secret %j without repeating it',
    (secret) => {
      const signing = { id: 'msg_1', timestampSec, body, secrets: [secret] };
      expect(() => sign(signing)).toThrow(/^malformed signing secret$/);
    },
  );
});

describe('secrets', () => {
  it('are new each time and of the published form', () => {
    const made = Array.from({ length: 100 }, generateSecret);
    expect(new Set(made).size).toBe(100);
    expect(made.every(isSecret)).toBe(true);
  });

  it.each([
    [23, false],
    [24, true],
    [64, true],
    [65, false],
  ])('of %i bytes: %s', (bytes, ok) => {
    expect(isSecret(`whsec_${Buffer.alloc(bytes, 1).toString('base64')}`)).toBe(ok);
  });
});
