using System.CommandLine;
using Parley.Doctor;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Doctor;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>doctor</c>: goes the whole way of a caller, from inside or from another machine. 0 for all well or warnings, 1 for a failure.</summary>
internal static class DoctorCommand
{
    public static Command Create(SettingArguments settings)
    {
        var server = new Option<string?>("--server") { Description = "Another machine's server, by its domain: looked at from outside, without its configuration." };
        var user = new Option<string?>("--user") { Description = "The account to log in with, name@domain; from inside one is made and removed again, from outside guests are tried." };
        var password = new Option<string?>("--password") { Description = "Its password; asked for, or read from standard input, if not given." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        return Cli.Verb(new Command("doctor", "Tries the whole way as a caller would, and says what fails and what to change.") { server, user, password, json }, settings, async (line, parsed, ct) =>
        {
            StartChecks.RequireOpenSsl();
            var login = parsed.GetValue(user) is { } name ? await ReadAsync(name, parsed.GetValue(password), ct) : null;
            return parsed.GetValue(server) is { } domain ? await OutsideAsync(Domain(domain), login, parsed.GetValue(json), ct) : await InsideAsync(LoadedSetup.Load(line), login, parsed.GetValue(json), ct);
        });
    }

    private static async Task<int> OutsideAsync(string domain, Login? login, bool isJson, CancellationToken ct)
    {
        var report = new Report(domain, isInside: false, isJson);
        await foreach (var finding in Examination.RunAsync(new Patient(domain) { Login = login ?? new Login("guest." + domain) }, [], ct)) report.Add(finding);
        return report.End();
    }

    private static async Task<int> InsideAsync(LoadedSetup setup, Login? login, bool isJson, CancellationToken ct)
    {
        var settings = setup.Settings.Server;
        var (view, report) = (new InsideView(setup), new Report(settings.Domains[0], isInside: true, isJson));
        report.AddRange(view.JudgeConfiguration());
        var running = await view.JudgeRunningAsync(ct);
        report.AddRange(running);
        // Of one that does not run there is nothing more to say.
        if (running.Any(f => f.Verdict == Verdict.Failure)) return report.End();
        var patient = view.Describe(login);
        await using var account = login is null ? await TryMakeAsync(settings, report, ct) : null;
        if (login is null) patient = patient with { Login = account?.Login ?? (settings.GuestDomainOf(settings.Domains[0]) is { } guests ? new Login(guests) : null) };
        await foreach (var finding in Examination.RunAsync(patient, report.Findings, ct)) report.Add(finding);
        return report.End();
    }

    private static async Task<TemporaryAccount?> TryMakeAsync(XmppServerSettings settings, Report report, CancellationToken ct)
    {
        try
        {
            StartChecks.RequireDataDirectory(settings.DataDirectory);
            return await TemporaryAccount.MakeAsync(settings, ct);
        }
        catch (StartFailureException e)
        {
            report.Add(new Finding("login", Verdict.Warning, $"no account can be made for the examination: {e.Message}", Causes.NoLogin, "run the doctor as the user that the server runs as, or give an account: --user name@domain"));
            return null;
        }
    }

    private static async Task<Login> ReadAsync(string user, string? password, CancellationToken ct)
    {
        if (!Jid.TryParse(user, out var jid) || jid.Local is null || jid.Resource is not null) throw new StartFailureException("--user", $"{user} is not an account's address, name@domain.");
        return new Login(jid.Domain, jid.Local, password ?? await PasswordPrompt.ReadAsync(ct));
    }

    private static string Domain(string text) =>
        Jid.TryParse(text, out var jid) && jid.Local is null && jid.Resource is null ? jid.Domain : throw new StartFailureException("--server", $"{text} is not a domain.");
}
