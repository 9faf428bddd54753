using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Storage;

namespace Parley.Server.Host.Commands;

/// <summary><c>user</c>: accounts, on a running or a stopped server.</summary>
internal static class UserCommand
{
    public static Command Create(SettingArguments settings) => new("user", "Adds, removes and lists accounts.")
    {
        Change("add", "Adds an account.", settings, async (accounts, jid, password) =>
            await accounts.AddAsync(jid, await password()) ? $"Added {jid}." : throw new StartFailureException(jid.ToString(), "this account exists already.")),
        Change("password", "Changes an account's password and ends its sessions.", settings, async (accounts, jid, password) =>
            await accounts.SetPasswordAsync(jid, await password()) ? $"Changed the password of {jid}." : throw NoSuch(jid)),
        Change("remove", "Removes an account with all that belongs to it.", settings, async (accounts, jid, _) =>
            await accounts.RemoveAsync(jid) ? $"Removed {jid}." : throw NoSuch(jid), takesPassword: false),
        List(settings),
    };

    private static Command Change(string name, string description, SettingArguments settings, Func<IAccountAdministration, Jid, Func<Task<string>>, Task<string>> change, bool takesPassword = true)
    {
        var address = new Argument<string>("JID") { Description = "The account, name@domain." };
        var password = new Option<string?>("--password") { Description = "The password; asked for, or read from standard input, if not given." };
        var command = new Command(name, description) { address };
        if (takesPassword) command.Options.Add(password);
        return Cli.Verb(command, settings, async (line, parsed, ct) =>
        {
            await using var services = Open(line, out var server);
            var jid = Read(parsed.GetValue(address)!, server);
            var given = takesPassword ? parsed.GetValue(password) : null;
            await Console.Out.WriteLineAsync(await change(services.GetRequiredService<IAccountAdministration>(), jid, async () => Check(given ?? await PasswordPrompt.ReadAsync(ct))));
            return 0;
        });
    }

    private static Command List(SettingArguments settings)
    {
        var domain = new Argument<string?>("domain") { Description = "Only the accounts of this domain.", Arity = ArgumentArity.ZeroOrOne };
        return Cli.Verb(new Command("list", "Lists all accounts.") { domain }, settings, async (line, parsed, ct) =>
        {
            await using var services = Open(line, out _);
            foreach (var jid in await services.GetRequiredService<IAccountAdministration>().ListAsync(parsed.GetValue(domain), ct)) await Console.Out.WriteLineAsync(jid.ToString());
            return 0;
        });
    }

    private static ServiceProvider Open(CommandLine line, out XmppServerSettings settings)
    {
        StartChecks.RequireOpenSsl();
        var setup = LoadedSetup.Load(line);
        settings = setup.Settings.Server;
        StartChecks.RequireDataDirectory(settings.DataDirectory);
        return new ServiceCollection().AddLogging().AddXmppServer(settings).BuildServiceProvider();
    }

    private static Jid Read(string text, XmppServerSettings settings)
    {
        if (!Jid.TryParse(text, out var jid) || jid.Local is null || jid.Resource is not null) throw new StartFailureException(text, "is not an account's address, name@domain.");
        return settings.Domains.Contains(jid.Domain) ? jid : throw new StartFailureException(text, $"{jid.Domain} is not served here; Server:Domains has {string.Join(", ", settings.Domains)}.");
    }

    private static string Check(string password) => SaslPrep.TryPrepare(password, out _) ? password
        : throw new StartFailureException("--password", "the password is empty, too long or holds characters that passwords may not have (RFC 4013).");

    private static StartFailureException NoSuch(Jid jid) => new(jid.ToString(), "there is no such account.");
}
