using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Meet;

/// <summary>Answers <c>/meet/</c> (the landing page), <c>/meet/&lt;room&gt;</c> (the call) and <c>/meet/-/…</c> (their files).</summary>
internal sealed class MeetHandler(WebFiles files, PageGuard guard, PageConfig config) : IHttpHandler
{
    private const string FilesPath = "/-/";
    private const int MostCharacters = 100;

    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        PageHeaders.Set(context, guard.Source);
        var path = context.Request.Path.Value ?? "";
        if (path.Length == 0) return Redirect(context, MeetPlugin.Prefix + "/");
        if (path == "/") return PageAsync(context, guard.Page("landing.html"));
        return path.StartsWith(FilesPath, StringComparison.Ordinal) ? FileAsync(context, path[FilesPath.Length..]) : RoomAsync(context, path[1..]);
    }

    private Task RoomAsync(HttpContext context, string name)
    {
        var domain = config.DomainOf(context.Request);
        // A slash that came encoded stays encoded in the path: no room's name has either.
        var isName = name.Length <= MostCharacters && name.IndexOfAny(['/', '%']) < 0;
        if (!isName || !Jid.TryCreate(name, domain, null, out var jid) || jid.Local is not { } room || room == "-")
        {
            return PageAsync(context, files.Text("not-found.html"), StatusCodes.Status404NotFound);
        }

        if (room != name) return Redirect(context, $"{MeetPlugin.Prefix}/{Uri.EscapeDataString(room)}{context.Request.QueryString}");
        return PageAsync(context, guard.Page("room.html").Replace("{{config}}", config.Write(context.Request, domain, room), StringComparison.Ordinal));
    }

    private async Task FileAsync(HttpContext context, string path)
    {
        var response = context.Response;
        if (files.Find(path) is not { } file || file.ContentType.StartsWith("text/html", StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.Headers.ETag = file.ETag;
        // Asked anew each time and mostly answered by 304: a page never runs with the modules of another version.
        response.Headers.CacheControl = "no-cache";
        if (context.Request.Headers.IfNoneMatch.Any(v => v is not null && v.Split(',').Any(t => t.Trim() == file.ETag)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Content.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await response.Body.WriteAsync(file.Content, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task PageAsync(HttpContext context, string html, int status = StatusCodes.Status200OK)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(html);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        // Whether join=now counts depends on how this very request came about.
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static Task Redirect(HttpContext context, string to)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = to;
        return Task.CompletedTask;
    }
}
