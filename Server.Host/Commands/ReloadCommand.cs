using System.CommandLine;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Http;

namespace Parley.Server.Host.Commands;

/// <summary><c>reload</c>: the running server reads its configuration file again. Everything that is wrong is named, and then nothing changes.</summary>
internal static class ReloadCommand
{
    public static Command Create(SettingArguments settings) => Cli.Verb(new Command("reload", "Lets the running server read its configuration file again."), settings, async (line, _, ct) =>
    {
        // Only to find the server: what the file says now is the server's to judge.
        using var server = new RunningServer(StartSettings.Bind(line.LoadConfiguration().Root, new Faults()).Server);
        var (ok, message) = await server.AskAsync(HttpPaths.Reload, ct);
        await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
        return ok ? 0 : 1;
    });
}
