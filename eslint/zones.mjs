import { composition, engines, moduleOrder } from './module-order.mjs';

const folderOf = (module) => `./src/${module}`;

/** Zones for `import-x/no-restricted-paths`, generated from the module order. */
export function importZones() {
  return [...moduleOrder.flatMap(moduleZones), ...engines.flatMap(engineZones), ...connectorZones()];
}

function moduleZones(module, position) {
  const target = folderOf(module);
  const above = moduleOrder.slice(0, position).map((other) => ({
    target,
    from: folderOf(other),
    except: ['./index.ts'],
    message: `${module} may use ${other} only through src/${other}/index.ts`,
  }));
  const below = moduleOrder.slice(position + 1).map((other) => ({
    target,
    from: folderOf(other),
    message: `${other} stands below ${module} in the module order (eslint/module-order.mjs), so ${module} must not import it`,
  }));
  const outside = [...composition.map((path) => `./${path}`), './connectors'].map((from) => ({
    target,
    from,
    message: 'only the composing files (src/cli, main, create-app, app.module) load the command line and connectors',
  }));
  return [...above, ...below, ...outside];
}

function engineZones({ folder, targets = `./${folder}`, uses }) {
  return moduleOrder
    .filter((module) => !folder.startsWith(`src/${module}`) && !uses.includes(module))
    .map((module) => ({
      target: targets,
      from: folderOf(module),
      message: `${folder} is an engine: it uses ${['itself', ...uses].join(', ')} and npm packages, not ${module}`,
    }));
}

function connectorZones() {
  return [
    { target: './connectors', from: './src', except: ['./sdk'], message: 'a connector imports #sdk/* and npm packages only' },
    { target: './connectors', from: ['./scripts', './migrations'], message: 'a connector imports #sdk/* and npm packages only' },
  ];
}
