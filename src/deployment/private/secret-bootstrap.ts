import { componentSettings, JOB_SPEC } from './component-settings';
import { AirflowImage } from '../../airflow/image';
import { SecretKey } from '../../airflow/secret-ref';
import { toWire } from '../../pod/schema';
import { Component } from '../../private/component-graph';
import { container } from '../../private/pod-parts';
import { AirflowPodProps } from '../../tasks/airflow-pod-props';
import { containerResources } from '../../tasks/private/airflow-pod';

/** A key that the Job fills, and of what. */
export interface GeneratedSecret extends SecretKey {
  /** `fernet`: 32 bytes, as Fernet wants them; `token`: 64 random bytes, as HS512 does. */
  readonly kind: 'fernet' | 'token';
}

// Standard library only, so that any image with Airflow's Python will do. It patches a key only where it is missing, and only the very object that it
// looked at (resourceVersion), so that neither a second run nor a second runner replaces anything.
const SCRIPT = `import base64, http.client, json, os, ssl, sys, time

ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/'
DEADLINE = time.monotonic() + 120


def read(name):
    with open(ACCOUNT + name) as file:
        return file.read()


def call(method, path, body=None):
    server = http.client.HTTPSConnection(
        os.environ['KUBERNETES_SERVICE_HOST'], int(os.environ['KUBERNETES_SERVICE_PORT']),
        context=ssl.create_default_context(cafile=ACCOUNT + 'ca.crt'), timeout=10)
    headers = {'Authorization': 'Bearer ' + read('token'), 'Content-Type': 'application/merge-patch+json'}
    server.request(method, path, body and json.dumps(body), headers)
    answer = server.getresponse()
    return answer.status, json.loads(answer.read())


def fill(name, key, kind):
    path = '/api/v1/namespaces/' + read('namespace') + '/secrets/' + name
    status, secret = call('GET', path)
    if status == 200 and (secret.get('data') or {}).get(key):
        return 'present'
    if status == 200:
        value = base64.urlsafe_b64encode(os.urandom(32 if kind == 'fernet' else 64))
        status, secret = call('PATCH', path, {
            'metadata': {'resourceVersion': secret['metadata']['resourceVersion']},
            'data': {key: base64.b64encode(value).decode()}})
        if status == 200:
            return 'made'
    raise OSError('%s %s' % (status, secret.get('message')))


for name, key, kind in (word.split('/') for word in sys.argv[1:]):
    while True:
        try:
            print('secret %s, key %s: %s' % (name, key, fill(name, key, kind)), flush=True)
            break
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > DEADLINE:
                sys.exit('secret %s, key %s: %s' % (name, key, error))
            time.sleep(2)
`;

/** The Job that fills the Secrets which the manifests hold without data. Its Role names exactly them: RBAC could not limit `create` by name. */
export function secretBootstrapComponent(image: AirflowImage, secrets: GeneratedSecret[], props: AirflowPodProps): Component {
  const path = 'secretBootstrap';
  return {
    name: 'secret-bootstrap',
    workload: 'Job',
    containers: [container({
      name: 'secret-bootstrap',
      image: image.reference,
      imagePullPolicy: image.pullPolicy,
      command: ['python', '-I', '-c', SCRIPT],
      args: secrets.map(({ name, key, kind }) => `${name}/${key}/${kind}`),
      parts: [{ env: toWire('[]EnvVar', props.env, `${path}.env`) }],
      resources: containerResources(props.resources, `${path}.resources`) ?? { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    })],
    volumes: [],
    flows: [],
    rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: secrets.map(({ name }) => name), verbs: ['get', 'patch'] }],
    workloadSpec: JOB_SPEC,
    pullSecrets: image.pullSecrets,
    settings: componentSettings(props, path),
  };
}
