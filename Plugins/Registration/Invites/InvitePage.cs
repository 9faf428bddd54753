using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Shows an invitation to a browser: <c>/invite/&lt;token&gt;</c>. Looking at it does not use it.</summary>
internal sealed class InvitePage(InviteStore store, TimeProvider time) : IHttpHandler
{
    private const string Style = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}a.join{display:inline-block;padding:.6rem 1.2rem;border-radius:.4rem;background:#1a5fb4;color:#fff;text-decoration:none}code{overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{color:#eee;background:#1e1e1e}a{color:#9ac7ff}}";
    private static readonly string Policy = "default-src 'none'; style-src 'sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style))) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <inheritdoc/>
    public async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        var token = request.Path.Value is ['/', .. var rest] ? rest : "";
        var invite = Invite.KeyOf(token) is { } key ? await store.FindAsync(key, time.GetUtcNow(), context.RequestAborted) : null;
        var bytes = Encoding.UTF8.GetBytes(invite is null
            ? Page("No invitation", "<p>This invitation has been used or is over, or the address is not complete. Ask for a new one.</p>")
            : Page($"You are invited to chat at {invite.Domain}", Body(invite, token)));
        response.StatusCode = invite is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["X-Robots-Tag"] = "noindex";
        if (HttpMethods.IsGet(request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static string Body(Invite invite, string token)
    {
        var uri = HtmlEncoder.Default.Encode(invite.UriOf(token));
        var who = invite.Inviter is { } inviter ? $"<p><b>{HtmlEncoder.Default.Encode(inviter.ToString())}</b> would like to have you as a contact.</p>" : "";
        var user = invite.User is { } name ? $"<p>Your address will be <b>{HtmlEncoder.Default.Encode(name)}@{HtmlEncoder.Default.Encode(invite.Domain)}</b>.</p>" : "";
        return $"""
            {who}{user}
            <ol>
            <li>Install a client, such as Conversations or Cheogram (Android), Monal or Siskin (iPhone, iPad), Gajim or Dino (Linux, Windows).</li>
            <li><a class="join" href="{uri}">Open the invitation</a></li>
            </ol>
            <p>If the button does nothing, copy this into the client: <code>{uri}</code></p>
            <p>The invitation is for one person, until {HtmlEncoder.Default.Encode(invite.Expires.UtcDateTime.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture))} UTC.</p>
            """;
    }

    private static string Page(string title, string body) =>
        $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{HtmlEncoder.Default.Encode(title)}</title><style>{Style}</style></head><body><h1>{HtmlEncoder.Default.Encode(title)}</h1>\n{body}\n</body></html>\n";
}
