using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams.Connections;

/// <summary>A stream on TCP (RFC 6120 section 3), with TLS from the first byte, later, or never.</summary>
internal sealed class TcpXmppConnection : IXmppConnection
{
    // So much is copied into the writer before it is flushed; as much again may wait in the transport.
    private const int FlushAt = 32 * 1024;

    private readonly ConnectionContext _context;
    private readonly CertificateStore _certificates;
    private readonly bool _bindsChannels;
    private PipeReader _reader;
    private PipeWriter _writer;
    private SslStream? _tls;
    private XmlStreamParser _parser;
    private ReadOnlySequence<byte> _unread;
    private bool _isHolding;
    private bool _isAtEnd;
    private bool _isHungUp;
    private DuplexPipeStream? _beneath;

    public TcpXmppConnection(ConnectionContext context, CertificateStore certificates, bool bindsChannels, XmlStreamLimits limits, string content = Ns.Client, string? orContent = null)
    {
        (_context, _certificates, _bindsChannels) = (context, certificates, bindsChannels);
        (_reader, _writer) = (context.Transport.Input, context.Transport.Output);
        _parser = XmlStreamParser.ForStream(limits, content, orContent);
        RemoteAddress = ConnectionSecurity.Plain((context.RemoteEndPoint as IPEndPoint)?.Address);
        Security = SecurityNow(context.Features.Get<ITlsHandshakeFeature>() is not null, context.Features.Get<ITlsHandshakeFeature>()?.Protocol, context.Features.Get<ISslStreamFeature>()?.SslStream);
    }

    public IPAddress? RemoteAddress { get; }

    public ConnectionSecurity Security { get; private set; }

    public long Arrivals { get; private set; }

    public Func<int, ValueTask>? Arriving { get; set; }

    /// <summary>The content namespace: of two that were possible the one that the header named, and kept since.</summary>
    public string Content => _parser.Content;

    public ReadOnlyMemory<byte> ClosingTag => StreamWriting.ClosingTag;

    public ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct) => Advance() is { } step ? new(step) : FillAndReadAsync(ct);

    public void WakeReader() => _reader.CancelPendingRead();

    public async ValueTask DiscardAsync(CancellationToken ct)
    {
        do _unread = _unread.Slice(_unread.End);
        while (await FillAsync(ct));
    }

    public void Restart(XmlStreamLimits limits) => _parser = XmlStreamParser.ForStream(limits, Content);

    public void Allow(XmlStreamLimits limits) => _parser.Limits = limits;

    public ReadOnlyMemory<byte> Format(StreamHeader header) => header.ToUtf8(Content);

    public ReadOnlyMemory<byte> Format(Element nonza) => StreamWriting.ToUtf8(nonza, isFrame: false);

    public ReadOnlyMemory<byte> Format(Stanza stanza) => stanza.Element.ToUtf8();

    public int Taken { get; private set; }

    public async ValueTask WriteAsync(List<Outgoing> batch)
    {
        Taken = 0;
        var unflushed = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            _writer.Write(batch[i].Bytes.Span);
            unflushed += batch[i].Bytes.Length;
            if (unflushed < FlushAt && i < batch.Count - 1) continue;
            unflushed = 0;
            if (!await FlushAsync(i + 1)) throw new ConnectionResetException("The client reads no more.");
            Taken = i + 1;
        }
    }

    public bool HasUnread()
    {
        if (!_unread.IsEmpty) return true;
        Release();
        if (!_reader.TryRead(out var result)) return false;
        Hold(result);
        return !_unread.IsEmpty;
    }

    public Task UpgradeAsync(string domain, CancellationToken ct) => UpgradeAsync((tls, c) => tls.AuthenticateAsServerAsync(_certificates.HandshakeOptions(domain), c), ct);

    /// <summary>Begins TLS by a handshake of the caller's own, in either role.</summary>
    public async Task UpgradeAsync(Func<SslStream, CancellationToken, Task> handshake, CancellationToken ct)
    {
        Release();
        _beneath = new DuplexPipeStream(_reader, _writer);
        _tls = new SslStream(_beneath);
        await handshake(_tls, ct);
        var pool = _context.Features.Get<IMemoryPoolFeature>()?.MemoryPool;
        _reader = PipeReader.Create(_tls, new StreamPipeReaderOptions(pool, bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true));
        _writer = PipeWriter.Create(_tls, new StreamPipeWriterOptions(pool, leaveOpen: true));
        Security = SecurityNow(isEncrypted: true, _tls.SslProtocol, _tls);
    }

    public async ValueTask HangUpAsync()
    {
        if (Interlocked.Exchange(ref _isHungUp, true)) return;
        try
        {
            if (_tls is { IsAuthenticated: true }) await _tls.ShutdownAsync();
        }
        finally
        {
            // Kestrel closes the socket both ways as soon as the output is sent.
            await _context.Transport.Output.CompleteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        try
        {
            await HangUpAsync();
        }
        finally
        {
            if (_tls is not null)
            {
                await _reader.CompleteAsync();
                await _tls.DisposeAsync();
            }

            await _context.Transport.Output.CompleteAsync();
            await _context.Transport.Input.CompleteAsync();
        }
    }

    public void Abort() => _context.Abort();

    // A transport that is gone says so at once, and has taken nothing then; one that ends while it holds the bytes may have sent them.
    private async ValueTask<bool> FlushAsync(int upTo)
    {
        var before = _beneath?.Writes;
        var flush = _writer.FlushAsync();
        if (_beneath is null && !flush.IsCompleted) Taken = upTo;
        try
        {
            return !(await flush).IsCompleted;
        }
        finally
        {
            if (_beneath is not null && _beneath.Writes != before) Taken = upTo;
        }
    }

    // The next event of what is here; null where that is none.
    private XmlStreamEvent? Advance()
    {
        do
        {
            // Also without bytes: a header that closes itself is two events.
            var step = _parser.Advance(_unread.FirstSpan is { IsEmpty: false } span ? span : new SequenceReader<byte>(_unread).UnreadSpan, out var consumed);
            _unread = _unread.Slice(consumed);
            if (step.Kind != XmlStreamEventKind.NeedMore) return step;
        }
        while (!_unread.IsEmpty);
        return null;
    }

    // Where most connections wait, so that this is all that waits: one call deep, and no token watched.
    private async ValueTask<XmlStreamEvent?> FillAndReadAsync(CancellationToken ct)
    {
        while (!_isAtEnd)
        {
            Release();
            ct.ThrowIfCancellationRequested();
            var result = await _reader.ReadAsync(CancellationToken.None);
            Hold(result);
            if (result.IsCanceled) ct.ThrowIfCancellationRequested();
            if (Arriving is { } arriving) await arriving((int)Math.Min(_unread.Length, int.MaxValue));
            if (Advance() is { } step) return step;
        }

        return null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        Release();
        if (_isAtEnd) return false;
        Hold(await _reader.ReadAsync(ct));
        if (Arriving is { } arriving) await arriving((int)Math.Min(_unread.Length, int.MaxValue));
        return !_unread.IsEmpty || !_isAtEnd;
    }

    private void Hold(ReadResult result)
    {
        (_unread, _isHolding) = (result.Buffer, true);
        // A pipe that is completed says so again each time: what has come before is read first.
        _isAtEnd = result.IsCompleted;
        if (!result.Buffer.IsEmpty) Arrivals++;
    }

    private void Release()
    {
        if (!_isHolding) return;
        _reader.AdvanceTo(_unread.Start);
        (_unread, _isHolding) = (ReadOnlySequence<byte>.Empty, false);
    }

    private ConnectionSecurity SecurityNow(bool isEncrypted, SslProtocols? protocol, SslStream? tls) => new(
        isEncrypted,
        RemoteAddress is { } address && IPAddress.IsLoopback(address),
        CanStartTls: !isEncrypted,
        _bindsChannels ? TlsServerEndPoint.Of(tls) : ReadOnlyMemory<byte>.Empty,
        ConnectionSecurity.VersionOf(protocol));
}
