using System.CommandLine;
using System.Globalization;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Hosting;
using Parley.Server.Host.Http;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Commands;

/// <summary><c>room</c>: reservations of call rooms on a running server, in an account's name.</summary>
internal static class RoomCommand
{
    private static readonly Option<string?> Account = new("--account") { Description = "The account, name@domain, whose reservation it is." };

    public static Command Create(SettingArguments settings) => new("room", "Reserves call rooms, so that guests may enter them before any account does, and records calls.")
    {
        Reserve(settings),
        Release(settings),
        Record(settings),
        Cli.Verb(new Command("list", "Lists the reservations: room, account, end.") { Account }, settings, (line, parsed, ct) => AskAsync(line, "list", parsed.GetValue(Account), null, null, ct)),
    };

    private static Command Reserve(SettingArguments settings)
    {
        var room = RoomArgument();
        var until = new Option<string?>("--until") { Description = "When it ends, such as 2026-12-24T20:00:00Z." };
        var duration = new Option<string?>("--duration") { Description = "How long it lasts, such as 04:00:00; two hours where neither is given." };
        return Cli.Verb(new Command("reserve", "Reserves a room, or moves the end of a reservation.") { room, Account, until, duration }, settings, (line, parsed, ct) =>
            AskAsync(line, "reserve", Required(parsed.GetValue(Account)), parsed.GetValue(room), End(parsed.GetValue(until), parsed.GetValue(duration)), ct));
    }

    private static Command Release(SettingArguments settings)
    {
        var room = RoomArgument();
        return Cli.Verb(new Command("release", "Ends a reservation.") { room, Account }, settings, (line, parsed, ct) => AskAsync(line, "release", Required(parsed.GetValue(Account)), parsed.GetValue(room), null, ct));
    }

    private static Command Record(SettingArguments settings)
    {
        var (started, stopped) = (RoomArgument(), RoomArgument());
        var mix = new Option<string?>("--mix") { Description = "What there is of everybody together: none, sound, or picture (with the sound); what the settings say where it is left out." };
        mix.AcceptOnlyFromAmong("none", "sound", "picture");
        var listed = new Argument<string?>("room") { Description = "The room's address, or its name alone; all rooms where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        return new Command("record", "Records calls; everybody in them is told.")
        {
            Cli.Verb(new Command("start", "Begins to record a call that is held.") { started, mix }, settings, (line, parsed, ct) => AskAsync(line, "record-start", null, parsed.GetValue(started), null, ct, parsed.GetValue(mix))),
            Cli.Verb(new Command("stop", "Ends the recording of a call.") { stopped }, settings, (line, parsed, ct) => AskAsync(line, "record-stop", null, parsed.GetValue(stopped), null, ct)),
            Cli.Verb(new Command("list", "Lists recordings: id, room, start, end, bytes; and a link to them, good for a while.") { listed }, settings, (line, parsed, ct) => AskAsync(line, "record-list", null, parsed.GetValue(listed), null, ct)),
        };
    }

    private static Argument<string> RoomArgument() => new("room") { Description = "The room's address, or its name alone." };

    private static async Task<int> AskAsync(CommandLine line, string verb, string? account, string? room, string? until, CancellationToken ct, string? mix = null)
    {
        var settings = StartSettings.Bind(line.LoadConfiguration().Root, new Faults()).Server;
        if (account is not null && (!Jid.TryParse(account, out var jid) || jid.Local is null || jid.Resource is not null)) throw new StartFailureException(account, "is not an account's address, name@domain.");
        // A name alone is a room of the first domain.
        var address = room is null || room.Contains('@', StringComparison.Ordinal) ? room : $"{room}@{line.LoadConfiguration().Root["Plugins:FocusAgent:Domain"] ?? "calls." + settings.Domains[0]}";
        if (address is not null && !Jid.TryParse(address, out _)) throw new StartFailureException(address, "is no address.");
        var query = string.Join('&', new[] { ("account", account), ("room", address), ("until", until), ("mix", mix) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
        using var server = new RunningServer(settings);
        var (ok, message) = await server.AskAsync($"{HttpPaths.Rooms}/{verb}?{query}", ct);
        if (message.Length > 0) await (ok ? Console.Out : Console.Error).WriteLineAsync(message);
        return ok ? 0 : 1;
    }

    private static string Required(string? account) => account ?? throw new StartFailureException("--account", "whose reservation is it? Give an account's address.");

    private static string End(string? until, string? duration)
    {
        var end = DateTimeOffset.UtcNow + TimeSpan.FromHours(2);
        if (until is not null && !DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out end)) throw new StartFailureException("--until", $"\"{until}\" is no time such as 2026-12-24T20:00:00Z.");
        if (until is null && duration is not null)
        {
            if (!TimeSpan.TryParse(duration, CultureInfo.InvariantCulture, out var span) || !duration.Contains(':', StringComparison.Ordinal)) throw new StartFailureException("--duration", $"\"{duration}\" is no time span such as 04:00:00.");
            end = DateTimeOffset.UtcNow + span;
        }

        return end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }
}
