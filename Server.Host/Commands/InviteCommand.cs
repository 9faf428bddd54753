using System.CommandLine;
using System.Globalization;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Http;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>invite</c>: an invitation to an account of a running server.</summary>
internal static class InviteCommand
{
    public static Command Create(SettingArguments settings)
    {
        var domain = new Option<string?>("--domain") { Description = "The domain; the first one where none is given." };
        var user = new Option<string?>("--user") { Description = "The name that the account must have; else the newcomer chooses." };
        var lifetime = new Option<string?>("--lifetime") { Description = "How long it is good for, such as 2.00:00:00." };
        return Cli.Verb(new Command("invite", "Invites somebody to make an account: prints a link for one person.") { domain, user, lifetime }, settings, async (line, parsed, ct) =>
        {
            var server = StartSettings.Bind(line.LoadConfiguration().Root, new Faults()).Server;
            var span = parsed.GetValue(lifetime);
            if (span is not null && (!TimeSpan.TryParse(span, CultureInfo.InvariantCulture, out _) || !span.Contains(':', StringComparison.Ordinal))) throw new StartFailureException("--lifetime", $"\"{span}\" is no time span such as 2.00:00:00.");
            var query = string.Join('&', new[] { ("domain", parsed.GetValue(domain) ?? server.Domains[0]), ("user", parsed.GetValue(user)), ("lifetime", span) }
                .Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
            using var running = new RunningServer(server);
            var (ok, message) = await running.AskAsync($"{HttpPaths.Invites}?{query}", ct);
            await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
            return ok ? 0 : 1;
        });
    }
}
