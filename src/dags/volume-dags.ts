import { Construct } from 'constructs';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { DAGS_FOLDER } from './private/folder';
import { assertPinned } from '../airflow/image';
import { checkPropNames } from '../private/known-props';
import { shown } from '../private/prop-types';
import { checkSubPath } from '../private/sub-path';

/** DAGs on a volume. */
export interface PersistentVolumeClaimDagsProps {
  /** Name of an existing claim, whose volume can be read on every node that runs Airflow. */
  readonly claimName: string;

  /**
   * The folder of the volume that holds the DAGs.
   *
   * @default - the volume itself
   */
  readonly subPath?: string;
}

/** DAGs on a volume that something else fills. Pods only read it. */
export class PersistentVolumeClaimDags implements IDagSource {
  private readonly props: PersistentVolumeClaimDagsProps;

  constructor(props: PersistentVolumeClaimDagsProps) {
    checkPropNames(props, { claimName: 'a text that is not empty', subPath: true }, 'PersistentVolumeClaimDags', 'PersistentVolumeClaimDagsProps');
    checkSubPath(props.subPath);
    this.props = props;
  }

  public bind(_scope: Construct, _context: DagSourceContext): DagSourceBinding {
    return mounted({ persistentVolumeClaim: { claimName: this.props.claimName, readOnly: true } }, this.props.subPath);
  }
}

/** DAGs in an OCI image of their own. */
export interface ImageVolumeDagsProps {
  /** The image, with a tag or a digest. */
  readonly reference: string;

  /**
   * The folder of the image that holds the DAGs.
   *
   * @default - the image's root
   */
  readonly subPath?: string;

  /**
   * When the kubelet pulls it.
   *
   * @default 'IfNotPresent'
   */
  readonly pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
}

/**
 * DAGs in an OCI image that is mounted as a volume. A new version is a new reference, which replaces the pods. Needs Kubernetes 1.33, and a container
 * runtime that mounts images (containerd 2.1, CRI-O 1.31).
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/
 */
export class ImageVolumeDags implements IDagSource {
  private readonly props: ImageVolumeDagsProps;

  constructor(props: ImageVolumeDagsProps) {
    checkPropNames(props, { pullPolicy: 'a text', reference: 'a text', subPath: true }, 'ImageVolumeDags', 'ImageVolumeDagsProps');
    assertPinned("'reference'", props.reference);
    checkSubPath(props.subPath);
    if (props.pullPolicy !== undefined && !['Always', 'IfNotPresent', 'Never'].includes(props.pullPolicy)) {
      throw new Error(`'pullPolicy' must be one of 'Always', 'IfNotPresent', 'Never', got '${props.pullPolicy}'`);
    }
    this.props = props;
  }

  public bind(_scope: Construct, _context: DagSourceContext): DagSourceBinding {
    return mounted({ image: { reference: this.props.reference, pullPolicy: this.props.pullPolicy ?? 'IfNotPresent' } }, this.props.subPath);
  }
}

/** DAGs in Airflow's own image, in another folder than `/opt/airflow/dags`. */
export class ImageDags implements IDagSource {
  private readonly folder: string;

  /** @param folder an absolute path in the image */
  constructor(folder: string) {
    if (typeof folder !== 'string' || !/^(\/[^/\s]+)+$/.test(folder)) { throw new Error(`'folder' must be an absolute path such as '/srv/dags', got ${shown(folder)}`); }
    this.folder = folder;
  }

  public bind(_scope: Construct, _context: DagSourceContext): DagSourceBinding {
    return { dagsFolder: this.folder, volumes: [], volumeMounts: [], initContainers: [], sidecars: [], peers: [] };
  }
}

function mounted(volume: { [key: string]: any }, subPath?: string): DagSourceBinding {
  return {
    dagsFolder: DAGS_FOLDER,
    volumes: [{ name: 'dags', ...volume }],
    volumeMounts: [{ name: 'dags', mountPath: DAGS_FOLDER, readOnly: true, ...(subPath === undefined ? {} : { subPath }) }],
    initContainers: [],
    sidecars: [],
    peers: [],
  };
}
