#!/usr/bin/env node
// Asks the real Pod Security admission about many pods and records its answers for test/pod/pod-security.test.ts. See README.md beside this file.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../../test/pod/fixtures/pod-security.json', import.meta.url));

const good = (name = 'base') => ({
  name, image: 'a', securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
});
const bare = (name = 'base', more = {}) => ({ name, image: 'a', ...more });
/** A pod that `restricted` admits, but for what is given for its container's and its own securityContext. */
const container = (securityContext, more = {}) => ({ containers: [{ ...good(), ...more, securityContext: { ...good().securityContext, ...securityContext } }] });
const pod = (securityContext, more = {}) => ({ securityContext, containers: [good()], ...more });
const volume = (name, source) => ({ name, ...source });

const CASES = {
  'restricted throughout': pod({}),
  'restricted, said once for the pod': {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [bare('base', { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } })],
  },
  'nothing said': { containers: [bare()] },
  'nothing said by three': { initContainers: [bare('init')], containers: [bare(), bare('side')] },
  'a good and a bare container': { containers: [good(), bare('side')] },
  'a bare init container': { initContainers: [bare('init', { restartPolicy: 'Always' })], containers: [good()] },
  'privileged': container({ privileged: true, allowPrivilegeEscalation: true }),
  'two privileged': { containers: [good('a'), good('b')].map(c => ({ ...c, securityContext: { ...c.securityContext, privileged: true, allowPrivilegeEscalation: true } })) },
  'hostNetwork': { hostNetwork: true, containers: [good()] },
  'hostNetwork with ports': { hostNetwork: true, containers: [{ ...good(), ports: [{ containerPort: 80 }, { containerPort: 443 }] }] },
  'all host namespaces': { hostNetwork: true, hostPID: true, hostIPC: true, containers: [good()] },
  'host port': container({}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
  'host ports of two': { containers: [{ ...good('a'), ports: [{ containerPort: 80, hostPort: 9000 }] }, { ...good('b'), ports: [{ containerPort: 81, hostPort: 1000 }, { containerPort: 82 }] }] },
  'probe host': container({}, { livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } }, readinessProbe: { tcpSocket: { host: '10.0.0.2', port: 80 } } }),
  'lifecycle hosts of two': {
    containers: [
      { ...good('b'), lifecycle: { preStop: { httpGet: { host: 'x', port: 80 } } } },
      { ...good('a'), lifecycle: { postStart: { tcpSocket: { host: 'y', port: 80 } } }, startupProbe: { tcpSocket: { host: 'x', port: 1 } } },
    ],
  },
  'probes without host': container({}, { livenessProbe: { httpGet: { port: 80 } }, lifecycle: { preStop: { exec: { command: ['a'] } } } }),
  'hostPath': { ...pod({}), volumes: [volume('h', { hostPath: { path: '/' } })] },
  'volumes of all sorts': {
    ...pod({}),
    volumes: [
      volume('h', { hostPath: { path: '/' } }), volume('nfs', { nfs: { server: 'a', path: '/' } }), volume('iscsi', { iscsi: { targetPortal: 'a:1', iqn: 'iqn.2001-04.com.example:a', lun: 0 } }),
      volume('e', { emptyDir: {} }), volume('s', { secret: { secretName: 'a' } }), volume('c', { configMap: { name: 'a' } }), volume('p', { projected: { sources: [] } }),
      volume('pvc', { persistentVolumeClaim: { claimName: 'a' } }), volume('d', { downwardAPI: {} }), volume('csi', { csi: { driver: 'a.b' } }),
    ],
  },
  'one volume without source': { ...pod({}), volumes: [volume('e', { nfs: { server: 'a', path: '/' } }), volume('n')] },
  'capability added': container({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN', 'NET_ADMIN'] } }),
  'default capability added': container({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
  'the allowed capability added': container({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
  'capabilities kept': container({ capabilities: { drop: ['CHOWN'] } }),
  'capabilities kept by one, added by another': {
    containers: [{ ...good('a'), securityContext: { ...good().securityContext, capabilities: {} } }, { ...good('b'), securityContext: { ...good().securityContext, capabilities: { drop: ['ALL'], add: ['KILL'] } } }],
  },
  'escalation allowed': container({ allowPrivilegeEscalation: true }),
  'root by the pod': pod({ runAsUser: 0 }),
  'root by pod and container': { securityContext: { runAsUser: 0 }, ...container({ runAsUser: 0 }) },
  'root by two containers': { containers: [good('a'), good('b')].map(c => ({ ...c, securityContext: { ...c.securityContext, runAsUser: 0 } })) },
  'a user': container({ runAsUser: 50000, runAsGroup: 0 }),
  'root allowed by the pod': pod({ runAsNonRoot: false }),
  'root allowed by the container': container({ runAsNonRoot: false }),
  'root allowed by both': { securityContext: { runAsNonRoot: false }, ...container({ runAsNonRoot: false }) },
  'root allowed by the container, not by the pod': { securityContext: { runAsNonRoot: true }, ...container({ runAsNonRoot: false }) },
  'user namespace': { hostUsers: false, ...container({ runAsNonRoot: false, runAsUser: 0 }) },
  'unconfined by the pod': pod({ seccompProfile: { type: 'Unconfined' } }),
  'unconfined by the container': container({ seccompProfile: { type: 'Unconfined' } }),
  'unconfined by both': { securityContext: { seccompProfile: { type: 'Unconfined' } }, ...container({ seccompProfile: { type: 'Unconfined' } }) },
  'local profile': container({ seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } }),
  'AppArmor off by the pod': pod({ appArmorProfile: { type: 'Unconfined' } }),
  'AppArmor off by pod and container': { securityContext: { appArmorProfile: { type: 'Unconfined' } }, ...container({ appArmorProfile: { type: 'Unconfined' } }) },
  'AppArmor on': container({ appArmorProfile: { type: 'RuntimeDefault' } }),
  'unmasked proc': { hostUsers: false, ...container({ procMount: 'Unmasked' }) },
  'SELinux type': container({ seLinuxOptions: { type: 'spc_t' } }),
  'SELinux user and role': pod({ seLinuxOptions: { user: 'a', role: 'b', type: 'container_t' } }),
  'SELinux types of two': { securityContext: { seLinuxOptions: { type: 'a_t', user: 'u' } }, ...container({ seLinuxOptions: { type: 'b_t' } }) },
  'SELinux level': pod({ seLinuxOptions: { level: 's0', type: 'container_engine_t' } }),
  'sysctls': pod({ sysctls: [{ name: 'kernel.msgmax', value: '1' }, { name: 'net.ipv4.tcp_rmem', value: '1' }, { name: 'kernel.shmmax', value: '1' }] }),
  'safe sysctls': pod({ sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '60' }] }),
  'Windows': { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: [bare()] },
  'Windows host process': { os: { name: 'windows' }, hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } }, containers: [bare()] },
  'everything at once': {
    hostPID: true,
    hostNetwork: true,
    securityContext: {
      runAsUser: 0, runAsNonRoot: false, seLinuxOptions: { type: 'x_t' }, seccompProfile: { type: 'Unconfined' },
      appArmorProfile: { type: 'Unconfined' }, sysctls: [{ name: 'kernel.msgmax', value: '1' }],
    },
    volumes: [volume('h', { hostPath: { path: '/' } })],
    containers: [bare('base', { ports: [{ containerPort: 80 }], livenessProbe: { tcpSocket: { host: 'a', port: 1 } }, securityContext: { privileged: true, capabilities: { add: ['SYS_TIME'] } } })],
  },
};

function kubectl(args, input) {
  return spawnSync('kubectl', args, { encoding: 'utf8', input });
}

/** The admission's own words; empty where it admits the pod. */
function ask(level, name, spec) {
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: `pss-${level}` }, spec };
  const answer = kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(manifest));
  if (answer.status === 0) { return ''; }
  const match = /violates PodSecurity "[^"]*": (.*)\n$/s.exec(answer.stderr);
  if (!match) { throw new Error(`${name}: ${answer.stderr}`); }
  return match[1];
}

const levels = ['baseline', 'restricted'];
const recorded = [];
try {
  for (const level of levels) {
    kubectl(['create', 'namespace', `pss-${level}`]);
    kubectl(['label', 'namespace', `pss-${level}`, `pod-security.kubernetes.io/enforce=${level}`]);
    // Pods need it, and a controller makes it a moment later.
    kubectl(['create', 'serviceaccount', 'default', '-n', `pss-${level}`]);
  }
  for (const [name, spec] of Object.entries(CASES)) {
    recorded.push({ name, baseline: ask('baseline', name, spec), restricted: ask('restricted', name, spec), spec });
  }
} finally {
  levels.forEach(level => kubectl(['delete', 'namespace', `pss-${level}`, '--wait=false']));
}
const text = `[\n${recorded.map(entry => JSON.stringify(entry)).join(',\n')}\n]\n`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('the admission answers otherwise than recorded; run conformance/pod-security/record.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
console.log(`${recorded.length} pods`);
