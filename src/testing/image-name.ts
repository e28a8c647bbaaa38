const TAG = '(:\\w[\\w.-]{0,127})?';
const DIGEST = '(@[A-Za-z][\\w.+-]*:[0-9a-fA-F]{32,})?';
const PART = '[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*';
const DOMAIN = '([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:\\d+)?/)?';
const REFERENCE = new RegExp(`^${DOMAIN}${PART}(/${PART})*${TAG}${DIGEST}$`);

/** What is wrong with the name of an image, in the kubelet's words; undefined for a good one. */
export function imageNameError(image: string): string | undefined {
  if (REFERENCE.test(image)) { return undefined; }
  const slash = image.indexOf('/');
  const domain = slash > 0 && (/[.:]/.test(image.slice(0, slash)) || image.startsWith('localhost/'));
  const repository = (domain ? image.slice(slash + 1) : image).split(':')[0];
  const why = repository === repository.toLowerCase() ? '' : `: repository name (${!domain && slash < 0 ? 'library/' : ''}${repository}) must be lowercase`;
  return `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name ${JSON.stringify(image)}: invalid reference format${why}`;
}
