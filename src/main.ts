// Entry of `nest start`: the same as `cordon serve`.
process.argv.splice(2, 0, 'serve');
await import('./cli/main.js');
