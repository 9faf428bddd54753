using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Upload;

/// <summary>Answers below <c>/upload/</c>: <c>/&lt;token&gt;/&lt;name&gt;</c> takes a file once by one token and gives it by another.</summary>
internal sealed class UploadHandler(FileReception reception, FileDelivery delivery) : IHttpHandler
{
    private const string Methods = "OPTIONS, HEAD, GET, PUT";

    /// <inheritdoc/>
    public Task HandleAsync(HttpContext context)
    {
        SetHeaders(context.Response.Headers);
        var method = context.Request.Method;
        if (HttpMethods.IsOptions(method)) return PreflightAsync(context);
        var isPut = HttpMethods.IsPut(method);
        if (!isPut && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method))
        {
            context.Response.Headers.Allow = Methods;
            return Answer(context, StatusCodes.Status405MethodNotAllowed);
        }

        // Decoded but for a slash, which no name has.
        if (context.Request.Path.Value is not ['/', .. var path] || path.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0 || Token.KeyOf(path[..slash]) is not { } key)
        {
            return Answer(context, StatusCodes.Status404NotFound);
        }

        return isPut ? reception.TakeAsync(context, key, path[(slash + 1)..]) : delivery.GiveAsync(context, key, path[(slash + 1)..]);
    }

    // Web clients live at origins of their own (XEP-0363 section 8). There are no cookies here that a foreign page could use.
    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Content-Length, Content-Range, Content-Disposition, ETag, Accept-Ranges";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    }

    private static Task PreflightAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = "Content-Type, Range, If-Range, If-None-Match, Authorization";
        headers.AccessControlMaxAge = "7200";
        return Answer(context, StatusCodes.Status204NoContent);
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
