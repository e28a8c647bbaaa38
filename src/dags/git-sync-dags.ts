import { Construct } from 'constructs';
import { DagSourceBinding, DagSourceContext, IDagSource } from './dag-source';
import { GitSyncDagsProps } from './git-sync-dags-props';
import { DAGS_FOLDER } from './private/folder';
import { GitSync } from './private/git-sync';

/**
 * DAGs from a git repository by git-sync 4: an init container, and a sidecar in pods that stay, wherever DAGs are read.
 *
 * @see https://github.com/kubernetes/git-sync
 */
export class GitSyncDags implements IDagSource {
  private readonly repository: GitSync;

  constructor(props: GitSyncDagsProps) {
    this.repository = new GitSync(props, 'GitSyncDags');
  }

  public bind(scope: Construct, context: DagSourceContext): DagSourceBinding {
    const { folder, ...parts } = this.repository.bind(scope, context, { mountPath: DAGS_FOLDER, port: 1234 });
    return { ...parts, dagsFolder: folder, refreshIntervalSeconds: this.repository.periodSeconds };
  }
}
