using System.Buffers;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Hosting;

/// <summary>Binds the listeners that plugins mapped to Kestrel.</summary>
internal static class ConnectionListening
{
    // So much is looked at to tell whose a connection is, and for so long.
    private const int MaxStart = 64;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    /// <summary>Listens at each port of a plugin's own.</summary>
    public static void ListenMapped(this KestrelServerOptions kestrel, XmppServerSettings settings, MappedListeners listeners)
    {
        var table = kestrel.ApplicationServices.GetRequiredService<ConnectionTable>();
        foreach (var listener in listeners.Own)
        {
            kestrel.ListenOnBindAddress(settings, listener.Port, l =>
            {
                l.UseHttpGate();
                if (listener.IsTls) l.UseXmppCertificate([.. listener.ApplicationProtocols.Select(p => new SslApplicationProtocol(p))]);
                l.Run(connection => ServeAsync(table, listener.Key, connection));
            });
        }
    }

    /// <summary>Ends TLS on the listener of HTTPS, and takes what belongs to plugins out of its connections before HTTP sees them.</summary>
    public static void UseSharedCertificate(this ListenOptions https, MappedListeners listeners)
    {
        var shared = listeners.Shared.ToList();
        https.UseXmppCertificate([.. shared.SelectMany(s => s.ApplicationProtocols).Select(p => new SslApplicationProtocol(p)), SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        if (shared.Count == 0) return;
        var table = https.ApplicationServices.GetRequiredService<ConnectionTable>();
        https.Use(next => connection => ShareAsync(table, shared, connection, next));
    }

    private static async Task ServeAsync(ConnectionTable table, string key, ConnectionContext connection)
    {
        if (table.Find(key) is { } handler) await HandleAsync(handler, connection);
        else connection.Abort();
    }

    // TLS says goodbye (RFC 8446 section 6.1): a client that hears none takes what it got for cut short.
    private static async Task HandleAsync(ISharedConnectionHandler handler, ConnectionContext connection)
    {
        if (!HttpGate.TryAdmit(connection))
        {
            connection.Abort();
            return;
        }

        await handler.HandleAsync(connection);
        if (connection.ConnectionClosed.IsCancellationRequested || connection.Features.Get<ISslStreamFeature>()?.SslStream is not { } tls) return;
        try
        {
            await tls.ShutdownAsync().WaitAsync(GoodbyeTime);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or TimeoutException)
        {
            connection.Abort(); // it does not listen
        }
    }

    private static async Task ShareAsync(ConnectionTable table, List<MappedListener> shared, ConnectionContext connection, ConnectionDelegate http)
    {
        var protocol = connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol ?? default;
        if (protocol.Protocol.IsEmpty)
        {
            if (await RecognizeAsync(table, shared, connection) is not { } start) return;
            await (start.Handler is { } recognized ? HandleAsync(recognized, connection) : http(connection));
            return;
        }

        var named = shared.FirstOrDefault(s => s.ApplicationProtocols.Any(p => new SslApplicationProtocol(p) == protocol));
        await (named is null ? http(connection) : ServeAsync(table, named.Key, connection));
    }

    // Phones and browsers name no protocol for turns: (field-notes 2.3), and some HTTP clients name none either. Null where nothing came that could tell.
    private static async Task<Recognized?> RecognizeAsync(ConnectionTable table, List<MappedListener> shared, ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var over = new CancellationTokenSource(StartTime);
        await using var cut = over.Token.UnsafeRegister(static c => ((ConnectionContext)c!).Abort(), connection);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync();
                var (isKnown, handler) = Judge(table, shared, read.Buffer);
                var isOver = read.IsCompleted || read.IsCanceled;
                // Nothing is taken. What tells enough may be read again at once, what does not only when more has come.
                input.AdvanceTo(read.Buffer.Start, isKnown || isOver ? read.Buffer.Start : read.Buffer.End);
                if (isKnown) return new Recognized(handler);
                if (isOver) return null;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return null; // it went away, or said nothing for too long
        }
    }

    private static (bool IsKnown, ISharedConnectionHandler? Handler) Judge(ConnectionTable table, List<MappedListener> shared, ReadOnlySequence<byte> came)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(came.Length, MaxStart)];
        came.Slice(0, start.Length).CopyTo(start);
        var isOpen = start.Length < MaxStart;
        foreach (var handler in shared.Select(s => table.Find(s.Key)).OfType<ISharedConnectionHandler>())
        {
            var verdict = handler.Recognizes(start);
            if (verdict == true) return (true, handler);
            if (verdict is null && isOpen) return (false, null);
        }

        return (true, null);
    }

    /// <summary>Whose a connection is: a plugin's, or null for HTTP.</summary>
    private sealed record Recognized(ISharedConnectionHandler? Handler);
}
