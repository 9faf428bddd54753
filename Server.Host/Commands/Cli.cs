using System.CommandLine;
using System.CommandLine.Help;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary>The command line. What the operator can mend is one plain line each and exit code 1; only our own mistakes show a stack.</summary>
internal static class Cli
{
    private static readonly Option<string?> ConfigurationFile = new("--config") { Description = "The configuration file; default config/appsettings.json, if there is one.", Recursive = true };

    public static async Task<int> RunAsync(string[] args)
    {
        var settings = SettingArguments.Extract(args);
        // The name is that of the script that runs it, and shows in the help.
        var root = new Command("./parley", "Parley, a chat and calls server. Every command takes settings as --Section:Key value, such as --Server:Domain example.org.")
        {
            new HelpOption(),
            new VersionOption(),
            ConfigurationFile,
            Verb(new Command("run", "Starts the server."), settings, (line, _, _) => RunCommand.RunAsync(line)),
            UserCommand.Create(settings),
            PortableCommands.CreateExport(settings),
            PortableCommands.CreateImport(settings),
            Verb(new Command("check", "Checks the configuration and names everything that is wrong."), settings, (line, _, _) => Task.FromResult(CheckCommand.Run(line))),
            DoctorCommand.Create(settings),
            StatusCommand.Create(settings),
            PluginCommand.Create(settings),
            RoomCommand.Create(settings),
            ToolCommand.Create(settings),
            InviteCommand.Create(settings),
            ReloadCommand.Create(settings),
            TurnCommand.Create(settings),
        };
        // Signals are ours: the run command drains, the others just end.
        return await root.Parse(settings.Rest).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>Gives a command its action.</summary>
    public static Command Verb(Command command, SettingArguments settings, Func<CommandLine, ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                return await action(new CommandLine(settings, parsed.GetValue(ConfigurationFile)), parsed, ct);
            }
            catch (Exception e) when (Explain(e) is { } lines)
            {
                foreach (var line in lines) await Console.Error.WriteLineAsync(line);
                return 1;
            }
        });
        return command;
    }

    private static IReadOnlyList<string>? Explain(Exception fault) => fault switch
    {
        ConfigurationException e => e.Faults,
        StartFailureException or PluginFaultException => [fault.Message.ReplaceLineEndings(" ")],
        _ => null,
    };
}
