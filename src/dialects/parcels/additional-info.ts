/**
 * Ids that refine an event, in a numbering of their own. Keys and meanings are published, the texts
 * in the three languages are ours. Which pairs with event types make sense is not checked.
 */
import { type Localised, localised } from './locales.ts';

export interface AdditionalInfoFacts {
  readonly i18nKey: string;
  readonly description: Localised;
}

function facts(key: string, description: Localised): AdditionalInfoFacts {
  return { i18nKey: `event.type.ai.pub.${key}`, description };
}

const additionalInfoIds: Readonly<Record<string, AdditionalInfoFacts>> = {
  '001': facts(
    'cannot.deliver.missing.deliverypoint',
    localised(
      'Transportøren finner ikke mottakeren',
      'The carrier cannot find the recipient',
      'Transportören hittar inte mottagaren',
    ),
  ),
  '002': facts(
    'cannot.deliver.missing.key',
    localised('Nøkkel mangler', 'The key is missing', 'Nyckel saknas'),
  ),
  '003': facts(
    'cannot.deliver.parcel.damaged',
    localised('Pakken er skadet', 'The parcel is damaged', 'Paketet är skadat'),
  ),
  '004': facts(
    'cannot.deliver.customer.changed.address',
    localised('Mottakeren har flyttet', 'The recipient has moved', 'Mottagaren har flyttat'),
  ),
  '005': facts(
    'cannot.deliver.customer.absent',
    localised(
      'Mottakeren er bortreist eller har ikke hentet pakken',
      'The recipient is away or did not collect the parcel',
      'Mottagaren är bortrest eller har inte hämtat paketet',
    ),
  ),
  '006': facts(
    'cannot.deliver.shipment.lost.internal',
    localised(
      'Pakken kom bort i transportkjeden',
      'The parcel was lost within the transport chain',
      'Paketet kom bort i transportkedjan',
    ),
  ),
  '007': facts(
    'cannot.deliver.shipment.lost.external',
    localised(
      'Pakken kom bort før transportkjeden',
      'The parcel was lost before the transport chain',
      'Paketet kom bort före transportkedjan',
    ),
  ),
  '008': facts(
    'consignee.notification.response.updated',
    localised(
      'Mottakeren ga nye opplysninger',
      'The recipient gave new details',
      'Mottagaren lämnade nya uppgifter',
    ),
  ),
  '009': facts(
    'consignee.notification.response.same.address',
    localised(
      'Mottakeren bekreftet opplysningene',
      'The recipient confirmed the details',
      'Mottagaren bekräftade uppgifterna',
    ),
  ),
};

/** Undefined for an id that is not in the published table. */
export function additionalInfoFacts(id: string): AdditionalInfoFacts | undefined {
  return Object.hasOwn(additionalInfoIds, id) ? additionalInfoIds[id] : undefined;
}
