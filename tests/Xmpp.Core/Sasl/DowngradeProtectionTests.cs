using System.Text;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Core.Tests.Sasl;

public sealed class DowngradeProtectionTests
{
    // The examples of XEP-0474 section 4 and XEP-0515 section 4.
    [Theory]
    [InlineData(null, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=")]
    [InlineData(0x0304, ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,t=0304")]
    public void What_was_offered_is_hashed_as_the_standards_do(int? tls, string attributes) =>
        Assert.Equal(attributes, DowngradeProtection.Attributes(ScramHash.Sha1, ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"], ["tls-server-end-point", "tls-exporter"], tls));

    [Fact]
    public void Without_channel_bindings_the_mechanisms_stand_alone() =>
        Assert.Equal(",h=" + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("PLAIN\x1eSCRAM-SHA-256"u8)), DowngradeProtection.Attributes(ScramHash.Sha256, ["SCRAM-SHA-256", "PLAIN"], [], null));

    [Fact]
    public void Both_sides_sign_it()
    {
        var machine = new ScramMechanism(ScramHash.Sha1, ScramBinding.None, "s", _ => throw new InvalidOperationException(), ",h=x,t=0304");
        machine.Receive("n,,n=ann,r=c"u8);
        var (stored, server) = ScramKeyDerivation.Derive("SHA-1", "pw", [7], 4096);
        var challenge = Assert.IsType<SaslStep.Challenge>(machine.Provide(new ScramCredentials(new byte[] { 7 }, 4096, stored, server)));
        Assert.EndsWith(",i=4096,h=x,t=0304", Encoding.UTF8.GetString(challenge.Data.Span), StringComparison.Ordinal);
    }
}
