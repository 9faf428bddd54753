using Parley.Server.Host.Commands;

return await Cli.RunAsync(args);
