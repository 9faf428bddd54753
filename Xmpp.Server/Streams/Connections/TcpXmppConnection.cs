using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
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

    public TcpXmppConnection(ConnectionContext context, CertificateStore certificates, bool bindsChannels, XmlStreamLimits limits)
    {
        (_context, _certificates, _bindsChannels) = (context, certificates, bindsChannels);
        (_reader, _writer) = (context.Transport.Input, context.Transport.Output);
        _parser = XmlStreamParser.ForStream(limits);
        RemoteAddress = ConnectionSecurity.Plain((context.RemoteEndPoint as IPEndPoint)?.Address);
        Security = SecurityNow(context.Features.Get<ITlsHandshakeFeature>() is not null);
    }

    public IPAddress? RemoteAddress { get; }

    public ConnectionSecurity Security { get; private set; }

    public long Arrivals { get; private set; }

    public ReadOnlyMemory<byte> ClosingTag => StreamWriting.ClosingTag;

    public async ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            while (true)
            {
                // Also without bytes: a header that closes itself is two events.
                var step = _parser.Advance(new SequenceReader<byte>(_unread).UnreadSpan, out var consumed);
                _unread = _unread.Slice(consumed);
                if (step.Kind != XmlStreamEventKind.NeedMore) return step;
                if (_unread.IsEmpty) break;
            }

            if (!await FillAsync(ct)) return null;
        }
    }

    public async ValueTask DiscardAsync(CancellationToken ct)
    {
        do _unread = _unread.Slice(_unread.End);
        while (await FillAsync(ct));
    }

    public void Restart(XmlStreamLimits limits) => _parser = XmlStreamParser.ForStream(limits);

    public ReadOnlyMemory<byte> Format(StreamHeader header) => header.ToUtf8();

    public ReadOnlyMemory<byte> Format(Element nonza) => StreamWriting.ToUtf8(nonza, isFrame: false);

    public ReadOnlyMemory<byte> Format(Stanza stanza) => stanza.Element.ToUtf8();

    public async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> batch)
    {
        var unflushed = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            _writer.Write(batch[i].Span);
            unflushed += batch[i].Length;
            if (unflushed < FlushAt && i < batch.Count - 1) continue;
            unflushed = 0;
            var flushed = await _writer.FlushAsync();
            if (flushed.IsCompleted) throw new ConnectionResetException("The client reads no more.");
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

    public async Task UpgradeAsync(CancellationToken ct)
    {
        Release();
        _tls = new SslStream(new DuplexPipeStream(_reader, _writer));
        var binding = _certificates.ServerEndPoint;
        await _tls.AuthenticateAsServerAsync(_certificates.HandshakeOptions(), ct);
        var pool = _context.Features.Get<IMemoryPoolFeature>()?.MemoryPool;
        _reader = PipeReader.Create(_tls, new StreamPipeReaderOptions(pool, bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true));
        _writer = PipeWriter.Create(_tls, new StreamPipeWriterOptions(pool, leaveOpen: true));
        Security = SecurityNow(isEncrypted: true) with { ServerEndPoint = _bindsChannels ? binding : ReadOnlyMemory<byte>.Empty };
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

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        Release();
        if (_isAtEnd) return false;
        Hold(await _reader.ReadAsync(ct));
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

    private ConnectionSecurity SecurityNow(bool isEncrypted) => new(
        isEncrypted,
        RemoteAddress is { } address && IPAddress.IsLoopback(address),
        CanStartTls: !isEncrypted,
        isEncrypted && _bindsChannels ? _certificates.ServerEndPoint : ReadOnlyMemory<byte>.Empty);
}
