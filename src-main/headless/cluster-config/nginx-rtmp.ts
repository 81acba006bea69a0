/** nginx with the RTMP module: the origin pushes each show to all edges, and these make HLS of it. */
import { CLUSTER_STREAM, type Cluster, type ClusterPlan } from './cluster.ts';

/** @see the module's directives `push`, `on_publish`, `hls`; 1.2.2 was run */
export function nginxRtmp({ origin, edges, key }: Cluster): ClusterPlan {
  const pushes = edges.map((edge) => `      push rtmp://${edge}:1935/live;`).join('\n');
  return {
    files: [
      { name: 'origin.conf', text: originConfig(pushes, key) },
      { name: 'edge.conf', text: edgeConfig(origin) },
    ],
    steps: [
      `On ${origin}: nginx -c /path/to/origin.conf`,
      `On ${edges.join(', ')}: mkdir -p /var/lib/tidecast-hls && nginx -c /path/to/edge.conf`,
      `Forward the show: --forward "NAME=rtmp://${origin}:1935/live/${CLUSTER_STREAM}?key=${key}"`,
      `Viewers: ${edges.map((edge) => `http://${edge}:8080/hls/${CLUSTER_STREAM}.m3u8`).join('  ')}`,
    ],
  };
}

/** The key is compared by nginx itself: it asks its own HTTP side, which answers 403 for any other. */
const originConfig = (pushes: string, key: string) => `load_module modules/ngx_rtmp_module.so;
worker_processes 1;
events { worker_connections 4096; }

rtmp {
  server {
    listen 1935;
    chunk_size 65536;
    notify_method get;
    application live {
      live on;
      wait_key on;
      on_publish http://127.0.0.1:8081/publish;
${pushes}
    }
  }
}

http {
  access_log off;
  server {
    listen 127.0.0.1:8081;
    location /publish {
      if ($arg_key = "${key}") { return 200; }
      return 403;
    }
  }
}
`;

const edgeConfig = (origin: string) => `load_module modules/ngx_rtmp_module.so;
worker_processes 1;
events { worker_connections 16384; }

rtmp {
  server {
    listen 1935;
    chunk_size 65536;
    application live {
      live on;
      wait_key on;
      allow publish ${origin};
      deny publish all;
      hls on;
      hls_path /var/lib/tidecast-hls;
      hls_fragment 2s;
      hls_playlist_length 20s;
    }
  }
}

http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  types {
    application/vnd.apple.mpegurl m3u8;
    video/mp2t ts;
  }
  server {
    listen 8080;
    location /hls/ {
      alias /var/lib/tidecast-hls/;
      add_header Access-Control-Allow-Origin *;
      location ~ \\.m3u8$ {
        add_header Access-Control-Allow-Origin *;
        add_header Cache-Control "max-age=1";
      }
    }
  }
}
`;
