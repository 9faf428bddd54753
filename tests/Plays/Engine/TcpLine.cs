using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>A stream on bytes (RFC 6120 section 4), in the clear or under TLS.</summary>
internal sealed class TcpLine(Stream carrier, string domain, string content = Ns.Client) : ILine
{
    private static readonly XmlStreamLimits Limits = new() { StanzaBytes = 1024 * 1024 };

    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream _carrier = carrier;
    private XmlStreamParser _parser = XmlStreamParser.ForStream(Limits, content);
    private int _start, _end;

    public Task SayGoodbyeAsync(CancellationToken ct) => SayAsync("</stream:stream>", ct);

    public X509Certificate? ServerCertificate => (_carrier as SslStream)?.RemoteCertificate;

    public string Header(string to) => Encoding.UTF8.GetString(new StreamHeader(null, to, null, "1.0").ToUtf8(content));

    public string Write(Element element) => Encoding.UTF8.GetString(element.ToUtf8().Span);

    public async Task SayAsync(string text, CancellationToken ct)
    {
        await _carrier.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
        await _carrier.FlushAsync(ct);
    }

    public async Task<XmlStreamEvent> HearAsync(CancellationToken ct)
    {
        while (true)
        {
            var step = _parser.Advance(_buffer.AsSpan(_start, _end - _start), out var consumed);
            _start += consumed;
            if (step.Kind != XmlStreamEventKind.NeedMore) return step;
            (_start, _end) = (0, await _carrier.ReadAsync(_buffer, ct));
            if (_end == 0) return default;
        }
    }

    public void Restart() => _parser = XmlStreamParser.ForStream(Limits, content);

    public Task SecureAsync(CancellationToken ct) => SecureAsync(null, ct);

    /// <summary>Goes on under TLS.</summary>
    /// <param name="protocol">What is asked for by ALPN (XEP-0368); null for nothing.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task SecureAsync(string? protocol, CancellationToken ct)
    {
        // RFC 6120 section 5.4.3.3.
        if (_start < _end) throw new PlayException("the server said something between STARTTLS and TLS.");
        var tls = new SslStream(_carrier);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = domain,
                ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
#pragma warning disable CA5359 // The stage's certificate is one that it made itself.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            ct);
        if (protocol is not null && tls.NegotiatedApplicationProtocol.ToString() != protocol) throw new PlayException($"the server does not say that it speaks {protocol} here.");
        _carrier = tls;
        Restart();
    }

    public ValueTask DisposeAsync() => _carrier.DisposeAsync();
}

