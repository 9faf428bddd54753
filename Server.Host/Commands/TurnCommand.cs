using System.CommandLine;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Http;

namespace Parley.Server.Host.Commands;

/// <summary><c>turn</c>: the TURN credentials of a running server.</summary>
internal static class TurnCommand
{
    public static Command Create(SettingArguments settings)
    {
        var revoke = new Option<bool>("--revoke") { Description = "End what was issued with former secrets at once, for when one got known." };
        return new Command("turn", "Changes the TURN credentials of the running server.")
        {
            Cli.Verb(new Command("rotate-secret", "Makes a new secret; credentials of the former one count until they expire.") { revoke }, settings, async (line, parsed, ct) =>
            {
                using var server = new RunningServer(StartSettings.Bind(line.LoadConfiguration().Root, new Faults()).Server);
                var (ok, message) = await server.AskAsync(HttpPaths.TurnSecret + (parsed.GetValue(revoke) ? "?revoke=true" : ""), ct);
                await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
                return ok ? 0 : 1;
            }),
        };
    }
}
