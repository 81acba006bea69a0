/** MediaMTX: replicas read a path from the origin while somebody watches, and serve HLS, LL-HLS, WebRTC and RTMP. */
import { CLUSTER_STREAM, type Cluster, type ClusterPlan } from './cluster.ts';

/** @see MediaMTX, "Read replicas", "Authentication"; 1.9 and later; not run here */
export function mediamtx({ origin, edges, key }: Cluster): ClusterPlan {
  return {
    files: [
      { name: 'origin.yml', text: originConfig(edges, key) },
      { name: 'replica.yml', text: replicaConfig(origin) },
    ],
    steps: [
      `On ${origin}: mediamtx /path/to/origin.yml`,
      `On ${edges.join(', ')}: mediamtx /path/to/replica.yml`,
      `Forward the show: --forward "NAME=rtmp://${origin}:1935/${CLUSTER_STREAM}?user=tidecast&pass=${key}"`,
      `Viewers: ${edges.map((edge) => `http://${edge}:8888/${CLUSTER_STREAM}`).join('  ')}`,
    ],
  };
}

const originConfig = (edges: readonly string[], key: string) => `rtmp: yes
rtsp: yes
rtspTransports: [tcp]
hls: no
webrtc: no
srt: no

authInternalUsers:
  - user: tidecast
    pass: ${key}
    permissions:
      - action: publish
  - user: any
    ips: [${edges.map((edge) => `'${edge}'`).join(', ')}]
    permissions:
      - action: read

paths:
  ${CLUSTER_STREAM}:
`;

const replicaConfig = (origin: string) => `hls: yes
hlsVariant: lowLatency
hlsAllowOrigin: '*'
webrtc: yes
rtmp: yes
srt: no

authInternalUsers:
  - user: any
    permissions:
      - action: read

paths:
  ${CLUSTER_STREAM}:
    source: rtsp://${origin}:8554/${CLUSTER_STREAM}
    sourceOnDemand: yes
    sourceOnDemandCloseAfter: 30s
    rtspTransport: tcp
`;
