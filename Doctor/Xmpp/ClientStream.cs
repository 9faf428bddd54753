using Parley.Doctor.Network;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Xmpp;

/// <summary>A client's XML stream on a connection (RFC 6120 section 4). Reading and writing may happen at once, each by one.</summary>
internal sealed class ClientStream(Stream carrier, string domain) : IAsyncDisposable
{
    private static readonly XmlStreamLimits Limits = new() { StanzaBytes = 512 * 1024 };

    private readonly byte[] _buffer = new byte[16 * 1024];
    private XmlStreamParser _parser = XmlStreamParser.ForStream(Limits);
    private int _start, _end;

    /// <summary>What carries it now.</summary>
    public Stream Carrier { get; private set; } = carrier;

    /// <summary>Opens the stream, or opens it anew, and reads its features.</summary>
    public async Task<Element> OpenAsync(CancellationToken ct)
    {
        _parser = XmlStreamParser.ForStream(Limits);
        await WriteAsync(new StreamHeader(null, domain, null, "1.0").ToUtf8(), ct);
        var features = await ReadAsync(ct);
        return features.Is("features", Ns.Streams) ? features : throw Unexpected(features);
    }

    /// <summary>Goes on over another carrier, such as TLS. What came in the clear behind the answer to STARTTLS would be smuggled (RFC 6120 section 5.4.3.3).</summary>
    public void Switch(Stream to)
    {
        if (_start < _end) throw new ReachException("the server said something between STARTTLS and TLS");
        Carrier = to;
    }

    /// <summary>The next whole element.</summary>
    /// <exception cref="ReachException">The stream ended or broke.</exception>
    public async Task<Element> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var step = _parser.Advance(_buffer.AsSpan(_start, _end - _start), out var consumed);
            _start += consumed;
            switch (step.Kind)
            {
                case XmlStreamEventKind.Element when step.Element!.Is("error", Ns.Streams):
                    throw new ReachException($"the server ended the stream: {step.Element.Children.FirstOrDefault()?.Name}") { IsRefusal = true };
                case XmlStreamEventKind.Element:
                    return step.Element!;
                case XmlStreamEventKind.StreamOpened:
                    continue;
                case XmlStreamEventKind.StreamClosed:
                    throw new ReachException("the server closed the stream");
                case XmlStreamEventKind.Fault:
                    throw new ReachException($"what the server says is no XMPP ({step.Error!.Condition})");
            }

            (_start, _end) = (0, 0);
            try
            {
                _end = await Carrier.ReadAsync(_buffer, ct);
            }
            catch (IOException e)
            {
                throw new ReachException(e.Message, e);
            }

            if (_end == 0) throw new ReachException("the server closed the connection");
        }
    }

    /// <summary>Writes an element.</summary>
    public Task WriteAsync(Element element, CancellationToken ct) => WriteAsync(element.ToUtf8(), ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await WriteAsync(StreamWriting.ClosingTag, over.Token);
        }
        catch (Exception e) when (e is ReachException or OperationCanceledException)
        {
            // It has gone already.
        }

        await Carrier.DisposeAsync();
    }

    /// <summary>An answer that nobody expects.</summary>
    public static ReachException Unexpected(Element element) => new($"the server answered with <{element.Name}/> where that does not belong");

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            await Carrier.WriteAsync(bytes, ct);
            await Carrier.FlushAsync(ct);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new ReachException(e.Message, e);
        }
    }
}
