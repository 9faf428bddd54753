using Microsoft.AspNetCore.Http;

namespace Parley.Server.Host.Http;

/// <summary>The paths that the server itself answers.</summary>
internal static class HttpPaths
{
    public const string Health = "/healthz";
    public const string WebSocket = "/xmpp-websocket";
    public const string Bosh = "/http-bind";
    public const string HostMeta = "/.well-known/host-meta";
    public const string HostMetaJson = "/.well-known/host-meta.json";
    public const string Meet = "/meet";
    public const string Admin = "/admin";
    public const string Status = "/admin/status";
    public const string Plugins = "/admin/plugins";
    public const string Invites = "/admin/invites";
    public const string Rooms = "/admin/rooms";
    public const string Tools = "/admin/tools";
    public const string Reload = "/admin/reload";
    public const string TurnSecret = "/admin/turn/rotate-secret";
    public const string Metrics = "/metrics";

    private static readonly PathString[] Reserved = [Health, WebSocket, Bosh, HostMeta, HostMetaJson, Status, Plugins, Invites, Rooms, Tools, Reload, TurnSecret, Metrics];

    /// <summary>Whether a plugin's prefix would hide one of them.</summary>
    public static bool IsReserved(PathString prefix) => Reserved.Any(r => r.StartsWithSegments(prefix) || prefix.StartsWithSegments(r));
}
