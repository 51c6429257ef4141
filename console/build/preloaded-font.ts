import type { Plugin } from 'vite';

/** Lets the page ask for a font before its style sheet does, so that text is set in it at once. */
export function preloadedFont(name: string): Plugin {
  return {
    name: 'preloaded-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const file = Object.keys(bundle).find((each) => each.startsWith(`assets/${name}-`) && each.endsWith('.woff2'));
        if (file === undefined) {
          throw new Error(`The build has no font ${name}.`);
        }
        return [
          {
            tag: 'link',
            injectTo: 'head-prepend',
            attrs: { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: true },
          },
        ];
      },
    },
  };
}
