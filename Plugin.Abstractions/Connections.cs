using Microsoft.AspNetCore.Connections;

namespace Parley.Plugin.Abstractions;

/// <summary>Serves connections of a protocol that is neither XMPP nor HTTP.</summary>
public interface IConnectionHandler
{
    /// <summary>Serves one connection until it ends: returning closes it. TLS, where there is any, has ended before. It is cut when the plugin is unloaded.</summary>
    Task HandleAsync(ConnectionContext connection);
}

/// <summary>A handler whose connections come in at a port that serves another protocol too.</summary>
public interface ISharedConnectionHandler : IConnectionHandler
{
    /// <summary>Whether a connection that named no application protocol is the handler's, by its first bytes; null while too few are there to tell.</summary>
    bool? Recognizes(ReadOnlySpan<byte> start);
}

/// <summary>A listener that a plugin maps.</summary>
/// <param name="Key">The configuration's key that says where or whether it listens, such as <c>Turn:TlsPort</c>. It is the listener's name, and faults are told by it.</param>
/// <param name="IsTls">Whether the host ends TLS there (1.2 or later), with the server's certificate.</param>
/// <param name="ApplicationProtocols">What ALPN offers there (RFC 7301); who names none is served as well. Null: there is no ALPN.</param>
public sealed record ConnectionListener(string Key, bool IsTls = false, IReadOnlyList<string>? ApplicationProtocols = null);

/// <summary>The listeners that plugins mapped, as they were opened when the server started.</summary>
public interface IConnectionListeners
{
    /// <summary>The port that a listener has, of a shared one the port that it shares; null where it is not open.</summary>
    int? PortOf(string key);
}
