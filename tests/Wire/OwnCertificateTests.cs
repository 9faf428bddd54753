using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>The first minutes with a server: it has made its certificate itself, and who has a client looks at that and trusts it.</summary>
public sealed class OwnCertificateTests : WireTest
{
    [Fact]
    public async Task Profanity_shows_it_and_takes_it_for_chats_and_uploads_once_the_person_does()
    {
        await StartAsync("--Media:Workers", "1", "--Turn:Enabled", "false");
        Server.AddUser("ann@localhost", "correct horse");
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Server.Certificate);

        using var ann = await ProfanityClient.StartAsync(Namespace, "ann", "localhost", "correct horse", "desk", async asked =>
        {
            await asked.ShowsAsync("TLS certificate verification failed");
            Assert.Matches("Fingerprint *: " + certificate.Thumbprint.ToLowerInvariant(), (await asked.ShowsAsync("Fingerprint *: [0-9a-f]{40}")).Value);
            Assert.DoesNotContain("<auth ", asked.Log);
            asked.Type("/tls always");
        });
        var file = ann.At("notes.txt");
        await File.WriteAllTextAsync(file, "to myself", TestContext.Current.CancellationToken);
        ann.Type("/msg ann@localhost");
        await ann.ShowsAsync("^ ?ann@localhost");
        ann.Type("/sendfile " + file);
        var url = (await ann.ShowsAsync("me: (https://localhost:5281/upload/[^ ]+/notes.txt)")).Groups[1].Value;
        using var http = Namespace.Http();
        Assert.Equal("to myself", await http.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken));

        ann.Type("/win 1");
        ann.Type("/disconnect");
        await ann.ShowsAsync("ann@localhost logged out successfully");
        ann.Type("/connect ann");
        await ann.ShowsAsync("(?s)logged out successfully.*logged in successfully");
        Assert.Single(Regex.Matches(ann.Screen, "verification failed"));
    }
}
