/** SRS: the edges fetch a show from the origin for their first viewer, and serve HTTP-FLV. */
import { CLUSTER_STREAM, type Cluster, type ClusterPlan } from './cluster.ts';

/** @see SRS 5, "Edge Cluster", "HTTP-FLV Cluster", "Security"; not run here */
export function srs({ origin, edges, key }: Cluster): ClusterPlan {
  // the stream's name is the key: who does not know it can neither publish nor, at the origin, play
  const stream = `${CLUSTER_STREAM}-${key}`;
  return {
    files: [
      { name: 'origin.conf', text: originConfig(edges) },
      { name: 'edge.conf', text: edgeConfig(origin) },
    ],
    steps: [
      `On ${origin}: ./objs/srs -c /path/to/origin.conf`,
      `On ${edges.join(', ')}: ./objs/srs -c /path/to/edge.conf`,
      `Forward the show: --forward "NAME=rtmp://${origin}:1935/live/${stream}"`,
      `Viewers: ${edges.map((edge) => `http://${edge}:8080/live/${stream}.flv`).join('  ')}`,
      'Whoever may watch could publish at the origin too, as its stream has no other secret: let only the studio reach its port 1935, or add http_hooks.',
    ],
  };
}

const originConfig = (edges: readonly string[]) => `listen 1935;
max_connections 1000;
daemon off;
srs_log_tank console;

vhost __defaultVhost__ {
  tcp_nodelay on;
  gop_cache on;
  security {
    enabled on;
    allow publish all;
${edges.map((edge) => `    allow play ${edge};`).join('\n')}
    deny play all;
  }
}
`;

const edgeConfig = (origin: string) => `listen 1935;
max_connections 10000;
daemon off;
srs_log_tank console;

http_server {
  enabled on;
  listen 8080;
}

vhost __defaultVhost__ {
  tcp_nodelay on;
  cluster {
    mode remote;
    origin ${origin}:1935;
  }
  http_remux {
    enabled on;
    mount [vhost]/[app]/[stream].flv;
  }
  security {
    enabled on;
    deny publish all;
    allow play all;
  }
}
`;
