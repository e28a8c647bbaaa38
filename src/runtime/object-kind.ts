import { ApiResource, Pod } from './api';
import { JOB } from './job-kind';
import { FailureClass } from './result';
import { SPARK_APPLICATION } from './spark-kind';
import type { TemplatedPaths } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import type { MutationData } from '../pod/mutation';

/** What the status of an object says. */
export interface ObjectReading {
  /** Its controller has taken it up. */
  readonly accepted: boolean;
  /** Why it waits on purpose, such as `Suspended`: nothing is late then; null where it does not. */
  readonly idle: string | null;
  /** How it ended; null where it has not. */
  readonly end: ObjectEnd | null;
}

export interface ObjectEnd {
  /** null for success. `unknown`: what its last pod says counts. */
  readonly failure: FailureClass | null;
  readonly reason: string | null;
  readonly message: string | null;
}

/**
 * A kind of object that a task may be, beside Pod: something whose controller makes pods, and whose status says how it ended. Pure functions on wire JSON; the
 * rest (create once, watch, logs and XCom of the pods, clean-up) is the same for all of them.
 */
export interface ObjectKind extends ApiResource {
  /** What takes it up, in the words of people. */
  readonly controller: string;
  /** What is wrong with a manifest, as the end of a sentence about it; undefined where nothing is. */
  problem(object: Manifest): string | undefined;
  /** The image that people are shown. */
  image(object: Manifest): string | undefined;
  /** The object with every text rendered that Airflow's operator renders; `path` is for messages. */
  mapTexts(object: Manifest, render: (text: string, path: string) => string, paths: TemplatedPaths): Manifest;
  /** The object with further labels on the pods that it makes. */
  withPodLabels(object: Manifest, labels: { readonly [key: string]: string }): Manifest;
  /** The object as the operator sends it, once it has its name: with Airflow's labels, if there is a DAG, on its pods, and the mutations that wait for them done. */
  ofOperator(object: Manifest, labels: { readonly [key: string]: string }, mutations: readonly MutationData[]): Manifest;
  /** The object with a deadline, where it has none, after which the cluster ends it by itself. */
  withBackstop(object: Manifest, seconds: number): Manifest;
  reading(object: Manifest): ObjectReading;
  /** True for a pod of the object whose log is the task's. */
  isTaskPod(pod: Pod, object: Manifest): boolean;
  /** The container of such a pod that runs the task. */
  baseContainer(object: Manifest): string;
  /** How many of its pods have succeeded, by its status; 0 where that does not say. */
  succeededPods(object: Manifest): number;
  /** The XComs of the operator beside its result, by their keys. */
  xcoms(object: Manifest): { readonly [key: string]: unknown };
}

const KINDS: readonly ObjectKind[] = [JOB, SPARK_APPLICATION];

/** The kind of a manifest; undefined for a Pod and for what is no task. */
export function objectKindOf({ apiVersion, kind }: Manifest): ObjectKind | undefined {
  return KINDS.find(known => known.apiVersion === apiVersion && known.kind === kind);
}

/** True where the object is owned by another one, of that uid. */
export function isOwnedBy(object: Manifest, uid: string): boolean {
  return object.metadata.ownerReferences?.some((owner: any) => owner.uid === uid) ?? false;
}
