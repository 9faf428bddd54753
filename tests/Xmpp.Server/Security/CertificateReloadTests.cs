using Microsoft.Extensions.Logging.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;

namespace Parley.tests.Xmpp.Server.Security;

/// <summary>A certificate that is renewed while the server runs.</summary>
public sealed class CertificateReloadTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-certificate-").FullName;
    private readonly Clock _clock = new();

    private string Link => Path.Combine(_directory, "live.pem");

    private string KeyLink => Path.Combine(_directory, "live-key.pem");

    [Fact]
    public void A_renewed_certificate_is_shown_within_half_a_minute_and_a_broken_one_never()
    {
        Write("one");
        Point("one");
        using var store = new CertificateStore(new XmppServerSettings(new ServerOptions { Certificate = Link, CertificateKey = KeyLink }, new(), new(), new()), _clock, NullLogger<CertificateStore>.Instance);
        var one = store.Select().Thumbprint;

        // As certbot does it: the links move. Between the two of them certificate and key do not fit.
        Write("two");
        PointOne(Link, "two.pem");
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(one, store.Select().Thumbprint);
        PointOne(KeyLink, "two-key.pem");
        Assert.Equal(one, store.Select().Thumbprint); // not looked at for each handshake
        _clock.Advance(TimeSpan.FromSeconds(31));
        var two = store.Select().Thumbprint;
        Assert.NotEqual(one, two);
        Assert.Equal(two, store.HandshakeOptions(null).ServerCertificateContext!.TargetCertificate.Thumbprint);

        File.WriteAllText(Path.Combine(_directory, "two.pem"), "no certificate");
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(two, store.Select().Thumbprint);
        File.Delete(Path.Combine(_directory, "two.pem"));
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(two, store.Select().Thumbprint);
    }

    [Fact]
    public void Whoever_renewed_it_has_it_shown_at_once_or_hears_why_not()
    {
        Write("one");
        Point("one");
        using var store = new CertificateStore(new XmppServerSettings(new ServerOptions { Certificate = Link, CertificateKey = KeyLink }, new(), new(), new()), _clock, NullLogger<CertificateStore>.Instance);
        var one = store.Select().Thumbprint;
        Assert.Null(store.LookAgain());

        Write("two");
        PointOne(Link, "two.pem");
        Assert.Contains("live.pem", store.LookAgain(), StringComparison.Ordinal);
        Assert.Contains("live.pem", store.LookAgain(), StringComparison.Ordinal);
        Assert.Equal(one, store.Select().Thumbprint);
        PointOne(KeyLink, "two-key.pem");
        Assert.Null(store.LookAgain());
        Assert.NotEqual(one, store.Select().Thumbprint);

        // Gone for a moment, and as it was again.
        var two = store.Select().Thumbprint;
        File.Delete(KeyLink);
        Assert.NotNull(store.LookAgain());
        PointOne(KeyLink, "two-key.pem");
        Assert.Null(store.LookAgain());
        Assert.Equal(two, store.Select().Thumbprint);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private void Write(string name) => SelfSignedCertificate.Make(new XmppServerSettings(new ServerOptions { DataDirectory = _directory }, new(), new(), new()), _clock.GetUtcNow(),
        Path.Combine(_directory, name + ".pem"), Path.Combine(_directory, name + "-key.pem"));

    private void Point(string name)
    {
        PointOne(Link, name + ".pem");
        PointOne(KeyLink, name + "-key.pem");
    }

    private static void PointOne(string link, string target)
    {
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    }

    private sealed class Clock : TimeProvider
    {
        private TimeSpan _past;

        public void Advance(TimeSpan time) => _past += time;

        public override long GetTimestamp() => _past.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero) + _past;
    }
}
