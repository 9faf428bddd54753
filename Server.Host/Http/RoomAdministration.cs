using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Server.Host.Http;

/// <summary>What <c>./parley room</c> asks of a running server: reservations of call rooms, of whichever plugin serves them. All of it needs the key, since it names people.</summary>
internal static class RoomAdministration
{
    public static void Map(WebApplication app)
    {
        var contributions = app.Services.GetRequiredService<ContributionTable>();
        var key = app.Services.GetRequiredService<AdministrationKey>();
        app.MapPost(HttpPaths.Rooms + "/{verb}", async context =>
        {
            if (!key.Matches(context.Request.Headers.Authorization)) await Administration.AnswerAsync(context, StatusCodes.Status401Unauthorized, "The key is wrong or missing.");
            else if (((string)context.Request.RouteValues["verb"]!).StartsWith("record-", StringComparison.Ordinal)) await RecordAsync(context, contributions);
            else if (contributions.Of<IRoomReservations>() is not [var reservations, ..]) await Administration.AnswerAsync(context, StatusCodes.Status409Conflict, "No plugin that serves call rooms runs.");
            else await RunAsync(context, reservations);
        });
    }

    private static async Task RunAsync(HttpContext context, IRoomReservations reservations)
    {
        var query = context.Request.Query;
        var hasAccount = Jid.TryParse(query["account"], out var account);
        var hasRoom = Jid.TryParse(query["room"], out var room);
        switch ((string)context.Request.RouteValues["verb"]!)
        {
            case "list":
                var lines = reservations.List(account).Select(r => $"{r.Room} {r.Account} {Write(r.Until)}");
                await Administration.AnswerAsync(context, StatusCodes.Status200OK, string.Join('\n', lines));
                break;
            case "reserve" when hasAccount && hasRoom && DateTimeOffset.TryParseExact(query["until"], "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until):
                var result = await reservations.ReserveAsync(account!, room!, until, context.RequestAborted);
                await Administration.AnswerAsync(context, result == ReservationResult.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, Say(result, account!, room!, until));
                break;
            case "release" when hasAccount && hasRoom:
                var wasThere = await reservations.ReleaseAsync(account!, room!, context.RequestAborted);
                await Administration.AnswerAsync(context, wasThere ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, wasThere ? $"{room} is no longer reserved by {account}." : $"{account} has not reserved {room}.");
                break;
            default:
                await Administration.AnswerAsync(context, StatusCodes.Status400BadRequest, "There is list, reserve and release, with an account's and a room's address.");
                break;
        }
    }

    private static async Task RecordAsync(HttpContext context, ContributionTable contributions)
    {
        if (contributions.Of<IRoomRecordings>() is not [var recordings, ..])
        {
            await Administration.AnswerAsync(context, StatusCodes.Status409Conflict, "No plugin that serves call rooms runs.");
            return;
        }

        var hasRoom = Jid.TryParse(context.Request.Query["room"], out var room);
        switch ((string)context.Request.RouteValues["verb"]!)
        {
            case "record-list":
                var lines = recordings.List(room).Select(r => $"{r.Id} {r.Room} {Write(r.Start)} {(r.End is { } end ? Write(end) : "running")} {r.Bytes}");
                await Administration.AnswerAsync(context, StatusCodes.Status200OK, string.Join('\n', lines.Append(recordings.Link(room)).OfType<string>()));
                break;
            case "record-start" when hasRoom && TryReadMix(context.Request.Query["mix"], out var mix):
                await AnswerAsync(context, await recordings.StartAsync(room!, mix, context.RequestAborted), $"{room} is recorded, and everybody in it is told.");
                break;
            case "record-stop" when hasRoom:
                await AnswerAsync(context, await recordings.StopAsync(room!, context.RequestAborted), $"{room} is no longer recorded.");
                break;
            default:
                await Administration.AnswerAsync(context, StatusCodes.Status400BadRequest, "There is record-start (with mix none, sound or picture), record-stop and record-list, with a room's address.");
                break;
        }
    }

    private static bool TryReadMix(string? text, out RecordedMix? mix)
    {
        mix = Enum.TryParse<RecordedMix>(text, ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : null;
        return text is null || mix is not null;
    }

    private static Task AnswerAsync(HttpContext context, string? refusal, string done) =>
        Administration.AnswerAsync(context, refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, refusal ?? done);

    private static string Say(ReservationResult result, Jid account, Jid room, DateTimeOffset until) => result switch
    {
        ReservationResult.Done => $"{room} is reserved by {account} until {Write(until)}.",
        ReservationResult.NoRoom => $"{room} is no call room's address.",
        ReservationResult.NoAccount => $"There is no account {account}.",
        ReservationResult.OutOfRange => $"{Write(until)} is past, or later than Plugins:FocusAgent:LongestReservation allows.",
        _ => $"{account} has reserved as many rooms as Plugins:FocusAgent:ReservationsPerAccount allows.",
    };

    private static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
