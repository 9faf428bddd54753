using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Bosh;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Runs client streams on HTTP requests (XEP-0124, XEP-0206).</summary>
public sealed class BoshEndpoint
{
    private readonly StreamContext _context;
    private readonly BoshSessions _sessions;
    private readonly RequestRate _rate;

    internal BoshEndpoint(StreamContext context, BoshSessions sessions, RequestRate rate) => (_context, _sessions, _rate) = (context, sessions, rate);

    /// <summary>Serves one request. Host and Origin have been judged before.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        LetPagesAsk(context);
        // A session has bounds of its own, and somebody who is in one keeps it, whoever else is behind the address.
        if (!HttpMethods.IsPost(context.Request.Method) && !_rate.TryPass(context)) return;
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("XMPP is spoken here by BOSH (XEP-0124), in requests of the method POST.\n", context.RequestAborted);
            return;
        }

        if (await AnswerAsync(context) is not { } answer) return;
        context.Response.ContentType = "text/xml; charset=utf-8";
        context.Response.ContentLength = answer.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    // Null for one that is refused as one too many.
    private async Task<ReadOnlyMemory<byte>?> AnswerAsync(HttpContext context)
    {
        var most = _sessions.Limits.BodyBytes;
        var address = ConnectionSecurity.Plain(context.Connection.RemoteIpAddress);
        if (await ReadAsync(context, most) is not { } bytes)
        {
            if (!_rate.TryPass(context)) return null;
            _context.Guards.Log.Tell(MetLimit.XmlSize, address);
            return BoshResponses.Terminate("policy-violation");
        }

        if (!BoshRequest.TryRead(bytes.Span, new XmlStreamLimits { StanzaBytes = most }, out var request, out var fault))
        {
            if (!_rate.TryPass(context)) return null;
            if (fault is not null && MetLimit.Of(fault) is { } limit) _context.Guards.Log.Tell(limit, address);
            return BoshResponses.Terminate("bad-request");
        }

        if (request.Sid is { } sid && _sessions.Find(sid, context.Request.IsHttps) is { } session) return await session.SubmitAsync(request);
        if (!_rate.TryPass(context)) return null;
        if (request.Sid is not null) return BoshResponses.Terminate("item-not-found");
        if (!BoshKeys.CanBegin(request)) return BoshResponses.Terminate("bad-request");
        // XEP-0124 section 17.2: a domain that is not served is another matter.
        if (string.IsNullOrEmpty(request.Body["to"])) return BoshResponses.Terminate("improper-addressing");
        // A session is carried by connections of one client to one certificate, whichever they are.
        return await _sessions.Begin(request, address, ConnectionSecurity.Of(context, _context.Settings.Auth.ChannelBinding)).SubmitAsync(request);
    }

    // Null for more than there may be.
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int most)
    {
        if (context.Request.ContentLength > most) return null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = most;
        using var bytes = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        try
        {
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }

        return bytes.Length > most ? null : bytes.ToArray();
    }

    // XEP-0206 section 8: pages come from anywhere, as they do by WebSocket. There are no cookies here, so that a page can do only what it has a password for; while bound to loopback foreign
    // pages have been refused before, and the others are named.
    private void LetPagesAsk(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        if (context.Request.Headers.Origin is not [{ } origin]) return;
        headers.AccessControlAllowOrigin = _context.Settings.IsLoopbackOnly ? origin : "*";
        if (_context.Settings.IsLoopbackOnly) headers.Vary = "Origin";
        headers.AccessControlAllowMethods = "POST, OPTIONS";
        headers.AccessControlAllowHeaders = "Content-Type";
        headers.AccessControlMaxAge = "86400";
    }
}
