using System.CommandLine;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>plugin</c>: changes the plugins of a running server. What the configuration says counts again at its next start.</summary>
internal static class PluginCommand
{
    public static Command Create(SettingArguments settings) => new("plugin", "Changes the plugins of the running server until its next start.")
    {
        Verb("enable", "Loads a plugin that does not run.", settings),
        Verb("disable", "Unloads a plugin.", settings),
        Verb("reload", "Unloads a plugin and loads it as its file and the configuration file are now.", settings),
    };

    private static Command Verb(string name, string description, SettingArguments settings)
    {
        var plugin = new Argument<string>("name") { Description = "The plugin's name." };
        return Cli.Verb(new Command(name, description) { plugin }, settings, async (line, parsed, ct) =>
        {
            // Only to find the server: the plugin to mend may be the very one that is configured wrongly.
            var start = StartSettings.Bind(line.LoadConfiguration().Root, new Faults());
            using var server = new RunningServer(start.Server);
            var (ok, message) = await server.ChangePluginAsync(parsed.GetValue(plugin)!, name, ct);
            await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
            return ok ? 0 : 1;
        });
    }
}
