/** What a cluster behind the live server is described by, and the files that make it. Pure. */

export interface Cluster {
  /** address of the machine that the show is forwarded to */
  origin: string;
  /** addresses of the machines that viewers are sent to */
  edges: readonly string[];
  /** only who knows it may publish */
  key: string;
}

export interface ClusterFile {
  name: string;
  text: string;
}

export interface ClusterPlan {
  files: ClusterFile[];
  /** what goes where, and what to start, a line each */
  steps: string[];
}

/** what a show is called in a cluster: one name, so that the same addresses serve every show */
export const CLUSTER_STREAM = 'show';
