using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Parley.tests.Host.Running;

/// <summary>A certificate for each of two domains, as OpenSSL's client sees it on every TLS listener.</summary>
public sealed class DomainCertificateTests : RunningTest, IDisposable
{
    private readonly Scratch _files = new();

    [Fact]
    public async Task Every_listener_shows_the_certificate_of_the_domain_that_is_asked_for()
    {
        var (one, two) = (Certify("one.test"), Certify("two.test"));
        await StartAsync("--Server:Domain", "one.test", "--Server:Domains", "two.test", "--Server:BindAddress", "127.0.0.1", "--Federation:Enabled", "true",
            "--Server:Certificate", one, "--Server:Certificates:0:Domain", "two.test", "--Server:Certificates:0:Certificate", two);

        foreach (var domain in new[] { "one.test", "two.test" })
        {
            Assert.Equal(domain, Shown("5222", "-starttls", "xmpp", "-xmpphost", domain, "-noservername"));
            Assert.Equal(domain, Shown("5223", "-servername", domain, "-alpn", "xmpp-client"));
            Assert.Equal(domain, Shown("5269", "-starttls", "xmpp-server", "-xmpphost", domain, "-noservername"));
            Assert.Equal(domain, Shown("5270", "-servername", domain, "-alpn", "xmpp-server"));
            Assert.Equal(domain, Shown("5281", "-servername", domain));
            Assert.Equal(domain, Shown("5349", "-servername", domain));
        }

        Assert.Equal("one.test", Shown("5223", "-noservername"));
        Assert.Matches($"certificates.two.test valid until .*{two}", Server.Cli("status").Output);
        Assert.Contains("TLS works for two.test (port 5222, 5223, 5281)", Server.Cli("doctor").Output, StringComparison.Ordinal);

        File.Copy(Certify("elsewhere.test"), two, overwrite: true);
        var refused = Server.Cli("reload");
        Assert.True(refused.ExitCode == 1 && refused.All.Contains("is not for two.test; it bears elsewhere.test", StringComparison.Ordinal), refused.All);
        Assert.Equal("two.test", Shown("5223", "-servername", "two.test"));
        File.Copy(Certify("two.test", "renewed.test"), two, overwrite: true);
        var renewed = Server.Cli("reload");
        Assert.True(renewed.ExitCode == 0, renewed.All);
        Assert.Equal("two.test, DNS:renewed.test", Shown("5223", "-servername", "two.test"));

        // Wrong from the start, all of it is named.
        File.WriteAllText(one, "no certificate");
        File.Copy(Certify("elsewhere.test"), two, overwrite: true);
        var check = Server.Cli("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Matches("Server:Certificate: .*\nServer:Certificates:0: .* is not for two.test; it bears elsewhere.test\\.", check.Error);
    }

    [Fact]
    public async Task The_doctor_says_which_domain_has_no_certificate()
    {
        await StartAsync("--Server:Domain", "one.test", "--Server:Domains", "two.test", "--Server:BindAddress", "127.0.0.1", "--Server:Certificate", Certify("one.test"));

        var doctor = Server.Cli("doctor");

        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains("bears the name one.test and not two.test", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("No certificate bears the name two.test", Server.Command.Text, StringComparison.Ordinal);
        Assert.Matches("certificates.two.test wrong name", Server.Cli("status").Output);
    }

    void IDisposable.Dispose()
    {
        Dispose();
        _files.Dispose();
    }

    private string Shown(string port, params string[] more)
    {
        var result = Namespace.Run(TimeSpan.FromSeconds(20), "sh", "-c", $"openssl s_client -connect 127.0.0.1:{port} {string.Join(' ', more)} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName");
        Assert.True(result.ExitCode == 0, $"{port} {string.Join(' ', more)}: {result.All}");
        return result.Output.Split("DNS:", 2)[1].Trim();
    }

    private string Certify(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=parley", key, HashAlgorithmName.SHA256);
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names) builder.AddDnsName(name);
        request.CertificateExtensions.Add(builder.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(60));
        return _files.Write(Guid.NewGuid() + ".pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }
}
