using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>
/// Answers below <c>/recordings/</c>: <c>/TOKEN/</c> lists the recordings of a room as a page, or as JSON to whoever asks for that, <c>/TOKEN/ID/FILE</c> gives a file, whole or by ranges
/// (RFC 9110 section 14).
/// </summary>
public sealed class RecordingPages(RecordingBook book, RecordingArea area, RecordingLinks links, FocusServices services) : IHttpHandler
{
    /// <summary>The most recordings on one page.</summary>
    public const int PageSize = 50;

    private readonly ListingPaces _paces = new(services);

    /// <inheritdoc/>
    public async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        // Nothing here can act, and nothing of it is kept on the way.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; media-src 'self'; sandbox; frame-ancestors 'none'";
        response.Headers.CacheControl = "private, no-store";
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "Recordings are only read.");
            return;
        }

        var parts = (request.Path.Value ?? "").Split('/', 5);
        if (!services.Options.Recording.Enabled) await SayAsync(context, StatusCodes.Status404NotFound, "Recording is off on this server.");
        else if (parts.Length < 2 || !links.TryRead(parts[1], out var room, out var since)) await SayAsync(context, StatusCodes.Status403Forbidden, "This link is not good, or no longer. Ask the room for another: its command is \"Recordings of this room\".");
        else if (parts.Length == 2) response.Redirect(request.PathBase + request.Path + "/");
        else if (parts.Length == 3 && parts[2].Length == 0) await ListAsync(context, parts[1], room, since);
        else if (parts.Length == 4 && RecordingArea.IsId(parts[2]) && RecordingArea.IsFile(parts[3])) await GiveAsync(context, room, since, parts[2], parts[3]);
        else await SayAsync(context, StatusCodes.Status404NotFound, "There is no such recording.");
    }

    private async Task ListAsync(HttpContext context, string token, string room, DateTimeOffset since)
    {
        var (request, response) = (context.Request, context.Response);
        var before = request.Query["before"].Count > 0 ? request.Query["before"].ToString() : null;
        if (before is not null && !RecordingArea.IsId(before))
        {
            await SayAsync(context, StatusCodes.Status400BadRequest, "'before' is a recording's id.");
            return;
        }

        if (_paces.TryPass(token) is { } wait)
        {
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await SayAsync(context, StatusCodes.Status429TooManyRequests, "That was asked for too often.");
            return;
        }

        var all = book.List(room.Length == 0 ? null : Jid.Parse(room), since, before, PageSize, out var hasMore);
        var older = hasMore && all.Count > 0 ? $"?before={all[0].Id}" : null;
        if (older is not null) response.Headers.Link = $"<{older}>; rel=\"next\""; // RFC 8288
        if (request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase))
        {
            response.ContentType = "application/json; charset=utf-8";
            await JsonSerializer.SerializeAsync(response.Body, all, RecordingJson.Default.IReadOnlyListRecordingIndex, context.RequestAborted);
            return;
        }

        response.ContentType = "text/html; charset=utf-8";
        await response.WriteAsync(Page(room, all, older), context.RequestAborted);
    }

    private async Task GiveAsync(HttpContext context, string room, DateTimeOffset since, string id, string file)
    {
        var directory = Path.Combine(area.Root(book.Options), id);
        var path = Path.Combine(directory, file);
        if (book.Indices.Read(directory) is not { } index || (room.Length > 0 && index.Room != room) || index.Start < since || !File.Exists(path))
        {
            await SayAsync(context, StatusCodes.Status404NotFound, "There is no such recording.");
            return;
        }

        context.Response.Headers.ContentDisposition = $"inline; filename=\"{id}-{file}\"";
        var type = file == RecordingArea.IndexName ? "application/json" : "video/webm";
        await TypedResults.PhysicalFile(path, type, fileDownloadName: null, File.GetLastWriteTimeUtc(path), enableRangeProcessing: true).ExecuteAsync(context);
    }

    private static Task SayAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(words + "\n", context.RequestAborted);
    }

    private static string Page(string room, IReadOnlyList<RecordingIndex> all, string? older)
    {
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Recordings</title>");
        page.Append("<h1>Recordings").Append(room.Length > 0 ? " of " + Encode(room) : "").Append("</h1>");
        if (all.Count == 0) page.Append("<p>There are none.");
        foreach (var one in all.Reverse())
        {
            page.Append("<h2>").Append(Encode(one.Start.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture))).Append(room.Length == 0 ? ", " + Encode(one.Room) : "").Append("</h2>");
            page.Append("<p>").Append(one.End is { } end ? Length((end - one.Start).TotalSeconds) : "Running").Append(", begun by ").Append(Encode(one.StartedBy)).Append(". <a href=\"").Append(one.Id).Append("/index.json\">Index</a></p><ul>");
            foreach (var file in one.Files)
            {
                var name = file.Participant is null ? "Everybody" : one.Participants.FirstOrDefault(p => p.Id == file.Participant)?.Name ?? file.Name;
                page.Append("<li><a href=\"").Append(one.Id).Append('/').Append(Encode(file.Name)).Append("\">").Append(Encode(name)).Append("</a>, ").Append(Length(file.Duration)).Append(", ")
                    .Append(Math.Max(1, file.Bytes / 1024).ToString(CultureInfo.InvariantCulture)).Append(" KiB</li>");
            }

            foreach (var missing in one.NotRecorded ?? [])
            {
                var name = one.Participants.FirstOrDefault(p => p.Id == missing.Participant)?.Name;
                page.Append("<li>Not recorded: ").Append(name is null ? "" : Encode($"{name}, {missing.Media}. ")).Append(Encode(missing.Why)).Append("</li>");
            }

            page.Append("</ul>");
        }

        if (older is not null) page.Append("<p><a rel=\"next\" href=\"").Append(older).Append("\">Older</a></p>");
        return page.Append("</html>").ToString();
    }

    private static string Length(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds)).ToString("c", CultureInfo.InvariantCulture);

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
