using Microsoft.Extensions.Logging.Abstractions;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;

namespace Parley.tests.Xmpp.Server.Security;

/// <summary>A certificate for each domain.</summary>
public sealed class DomainCertificateTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-certificates-").FullName;

    [Fact]
    public void Each_name_gets_the_certificate_of_its_domain_and_others_the_default()
    {
        var (one, two, rooms) = (_authority.Certify("one.test", "rooms.one.test"), _authority.Certify("two.test", "*.two.test"), _authority.Certify("rooms.two.test"));
        using var store = Open(one, ("two.test", two), ("rooms.two.test", rooms), ("bücher.test", _authority.Certify("xn--bcher-kva.test")));

        Assert.Equal(["one.test", "rooms.one.test"], NamesOf(store, "one.test"));
        Assert.Equal(["one.test", "rooms.one.test"], NamesOf(store, "rooms.one.test"));
        Assert.Equal(["two.test", "*.two.test"], NamesOf(store, "two.test"));
        Assert.Equal(["two.test", "*.two.test"], NamesOf(store, "TWO.Test."));
        Assert.Equal(["two.test", "*.two.test"], NamesOf(store, "upload.two.test"));
        Assert.Equal(["rooms.two.test"], NamesOf(store, "rooms.two.test"));
        Assert.Equal(["xn--bcher-kva.test"], NamesOf(store, "bücher.test"));
        Assert.Equal(["xn--bcher-kva.test"], NamesOf(store, "xn--bcher-kva.test"));
        foreach (var stranger in new[] { null, "", "elsewhere.test", "notwo.test", "test", new string('a', 300) }) Assert.Equal(["one.test", "rooms.one.test"], NamesOf(store, stranger));
    }

    [Fact]
    public void A_name_below_a_domain_is_shown_the_default_where_only_that_bears_it()
    {
        using var store = Open(_authority.Certify("one.test", "calls.two.test"), ("two.test", _authority.Certify("two.test")));
        Assert.Equal(["one.test", "calls.two.test"], NamesOf(store, "calls.two.test"));
        Assert.Equal(["two.test"], NamesOf(store, "rooms.two.test"));
    }

    [Fact]
    public void Without_a_common_one_that_of_the_first_domain_is_the_default()
    {
        using var store = Open(null, ("two.test", _authority.Certify("two.test")), ("one.test", _authority.Certify("one.test")));
        Assert.Equal(["one.test"], NamesOf(store, null));
        Assert.False(File.Exists(Path.Combine(_directory, CertificateStore.OwnCertificateFile)));
    }

    [Fact]
    public void The_server_makes_one_where_the_first_domain_has_none()
    {
        using var store = Open(null, ("two.test", _authority.Certify("two.test")));
        Assert.Equal(["two.test"], NamesOf(store, "two.test"));
        Assert.Contains("one.test", NamesOf(store, null));
    }

    [Fact]
    public void What_does_not_fit_keeps_the_server_from_starting_and_all_of_it_is_named()
    {
        var (two, three) = (_authority.Certify("two.test"), _authority.Certify("elsewhere.test", "www.elsewhere.test"));
        var settings = Settings(null, new() { Domain = "two.test", Certificate = two, CertificateKey = _authority.Certify("two.test") }, new() { Domain = "bücher.test", Certificate = three });

        var faults = CertificateStore.Check(settings);

        Assert.Equal(2, faults.Count);
        Assert.StartsWith($"Server:Certificates:0: the certificate {two} cannot be used (", faults[0], StringComparison.Ordinal);
        Assert.Equal($"Server:Certificates:1: the certificate {three} is not for bücher.test; it bears elsewhere.test, www.elsewhere.test.", faults[1]);
        var failure = Assert.Throws<StartFailureException>(() => new CertificateStore(settings, TimeProvider.System, NullLogger<CertificateStore>.Instance));
        Assert.Equal(string.Join('\n', faults), failure.Message);
    }

    [Fact]
    public void Domains_that_are_not_ours_or_named_twice_and_files_that_are_not_there_are_faults()
    {
        var two = _authority.Certify("two.test");
        var settings = Settings(null, new() { Domain = "two.test", Certificate = two }, new() { Domain = "TWO.test", Certificate = two }, new() { Domain = "far.test", Certificate = two },
            new() { Domain = "a@two.test", Certificate = two }, new() { Domain = "irc.example", Certificate = "/nowhere.pem", CertificateKey = "/nowhere.key" });

        Assert.Equal([
            "Server:Certificates:1:Domain: two.test has a certificate already.",
            "Server:Certificates:2:Domain: far.test is neither a served domain or a component's, nor below one.",
            "Server:Certificates:3:Domain: \"a@two.test\" is not a domain name.",
            "Server:Certificates:4:Certificate: there is no file /nowhere.pem.",
            "Server:Certificates:4:CertificateKey: there is no file /nowhere.key.",
        ], settings.Validate());
    }

    [Fact]
    public void One_that_is_renewed_is_shown_and_one_for_another_name_is_not()
    {
        var (one, two) = (_authority.Certify("one.test"), _authority.Certify("two.test"));
        using var store = Open(one, ("two.test", two));
        var (first, other) = (store.Select("two.test").Thumbprint, store.Select("one.test").Thumbprint);

        File.Copy(_authority.Certify("elsewhere.test"), two, overwrite: true);
        Assert.Contains("is not for two.test; it bears elsewhere.test", store.LookAgain(), StringComparison.Ordinal);
        Assert.Equal(first, store.Select("two.test").Thumbprint);

        File.Copy(_authority.Certify("two.test", "www.two.test"), two, overwrite: true);
        Assert.Null(store.LookAgain());
        Assert.Equal(["two.test", "www.two.test"], NamesOf(store, "two.test"));
        Assert.Equal(other, store.Select("one.test").Thumbprint);
    }

    [Fact]
    public void Status_tells_of_the_certificate_of_each_domain()
    {
        var (one, two) = (_authority.Certify(n => n.AddDnsName("one.test"), DateTimeOffset.UtcNow.AddHours(-1)), _authority.Certify("two.test"));
        using var store = Open(one, ("two.test", two));

        var status = ((IStatusSource)store).Read();

        Assert.StartsWith("expired until ", (string)status["one.test"]!, StringComparison.Ordinal);
        Assert.StartsWith("ends soon until ", (string)status["two.test"]!, StringComparison.Ordinal);
        Assert.EndsWith($" ({two})", (string)status["two.test"]!, StringComparison.Ordinal);
        Assert.StartsWith("wrong name until ", (string)status["bücher.test"]!, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private CertificateStore Open(string? common, params (string Domain, string File)[] own)
    {
        var settings = Settings(common, [.. own.Select(o => new DomainCertificateOptions { Domain = o.Domain, Certificate = o.File })]);
        Assert.Empty(settings.Validate());
        return new CertificateStore(settings, TimeProvider.System, NullLogger<CertificateStore>.Instance);
    }

    private XmppServerSettings Settings(string? common, params DomainCertificateOptions[] own) =>
        new(new ServerOptions { Domain = "one.test", Domains = ["two.test", "bücher.test"], DataDirectory = _directory, Certificate = common, Certificates = [.. own] }, new(), new(), new())
        {
            Components = [new ComponentOptions { Name = "irc.example", Secret = "x" }],
        };

    private static IEnumerable<string> NamesOf(CertificateStore store, string? name) =>
        store.Select(name).Extensions.OfType<System.Security.Cryptography.X509Certificates.X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();
}
