using System.CommandLine;
using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage.Portable;

namespace Parley.Server.Host.Commands;

/// <summary><c>export</c> and <c>import</c>: accounts with all that is theirs, as XEP-0227 has it; beside a running server or without one.</summary>
internal static class PortableCommands
{
    public static Command CreateExport(SettingArguments settings)
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist." };
        var domain = new Option<string?>("--domain") { Description = "Only the accounts of this domain." };
        return Cli.Verb(new Command("export", "Writes accounts with all that is theirs to a file that other servers read too (XEP-0227).") { file, domain }, settings, async (line, parsed, ct) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            if (File.Exists(path)) throw new StartFailureException(path, "exists already.");
            return await RunAsync(line, async (services, plugins) =>
            {
                var partial = path + ".partial";
                PortableReport report;
                await using (var output = Create(partial)) report = await services.GetRequiredService<PortableExporter>().WriteAsync(output, plugins.Data, parsed.GetValue(domain), ct);
                File.Move(partial, path);
                await Console.Out.WriteLineAsync($"Wrote {report.Accounts} accounts to {path}, which only its owner can read: it holds the keys of their passwords.");
                await TellAsync(report.Pieces, "  {0} {1}");
                return 0;
            });
        });
    }

    public static Command CreateImport(SettingArguments settings)
    {
        var files = new Argument<string[]>("FILE") { Description = "The files to read, or directories with one file a user, as Prosody writes them.", Arity = ArgumentArity.OneOrMore };
        var strict = new Option<bool>("--stop") { Description = "Stop at the first thing that cannot be kept; otherwise it is told and the rest goes on." };
        return Cli.Verb(new Command("import", "Reads accounts with all that is theirs from files of this or another server (XEP-0227). What is here already stays as it is.") { files, strict }, settings, (line, parsed, ct) =>
            RunAsync(line, async (services, plugins) =>
            {
                var (importer, faults) = (services.GetRequiredService<PortableImporter>(), 0);
                foreach (var path in parsed.GetValue(files)!)
                {
                    if (!File.Exists(path) && !Directory.Exists(path)) throw new StartFailureException(path, "there is no such file or directory.");
                    var report = await importer.ReadAsync(path, plugins.Data, Console.Error.WriteLine, !parsed.GetValue(strict), ct);
                    await Console.Out.WriteLineAsync($"Read {report.Accounts} accounts from {path}, {report.NewAccounts} of them new{(report.Faults > 0 ? $"; {report.Faults} faults" : "")}.");
                    await TellAsync(report.Pieces, "  {0} new {1}");
                    await TellAsync(report.Ignored, "  {0} {1}: nothing here understands them, left out");
                    if (report.AccountsWithoutPassword > 0) await Console.Out.WriteLineAsync($"  {report.AccountsWithoutPassword} new accounts came without a password; ./parley user password sets one.");
                    faults += report.Faults;
                    if (report.Faults > 0 && parsed.GetValue(strict)) break;
                }

                return faults == 0 ? 0 : 1;
            }));
    }

    private static async Task<int> RunAsync(CommandLine line, Func<IServiceProvider, PortablePlugins, Task<int>> work)
    {
        StartChecks.RequireOpenSsl();
        var setup = LoadedSetup.Load(line);
        StartChecks.RequireDataDirectory(setup.Settings.Server.DataDirectory);
        await using var services = PortablePlugins.HostServices(setup);
        try
        {
            await using var plugins = new PortablePlugins(setup, services);
            return await work(services, plugins);
        }
        catch (DbException e)
        {
            throw new StartFailureException("Storage", $"the database failed ({e.Message}); what was done until then stays, and the same can be done again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("FILE", e.Message, e);
        }
    }

    private static FileStream Create(string path)
    {
        // A file of its own: what an export that broke off left there goes, with its mode, and no link is followed.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 128 * 1024 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static async Task TellAsync(SortedDictionary<string, long> counts, string form)
    {
        foreach (var (name, count) in counts) await Console.Out.WriteLineAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, count, name));
    }
}
