/** The media type of a Content-Type header: lower case, without parameters (RFC 9110, 8.3.1). */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  const trimmed = essence.trim().toLowerCase();
  return trimmed === '' ? undefined : trimmed;
}
