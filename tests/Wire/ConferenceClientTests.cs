using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Two scripted clients that know XEP-0521 alone, in one room. With browsers beside them: tests/Browser.</summary>
public sealed class ConferenceClientTests : WireTest
{
    [Fact]
    public async Task Two_clients_get_a_session_for_each_others_streams_and_decode_them()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        Server.AddUser("bob@localhost", "pw");

        var ann = Join("ann", "localhost");
        var bob = Join("bob", "localhost", "no-bundle");

        await ann.WaitForAsync("\"event\": \"accepted\", \"isfocus\": \"true\"", TimeSpan.FromSeconds(20));
        await ann.WaitForAsync("\"event\": \"session\".*\"user\": \"xmpp:bob@localhost", TimeSpan.FromSeconds(20));
        await bob.WaitForAsync("\"event\": \"session\".*\"user\": \"xmpp:ann@localhost", TimeSpan.FromSeconds(20));
        await ann.WaitForAsync("\"user\": \"xmpp:bob@localhost[^}]*\"audio\": [1-9]\\d\\d, \"video\": [1-9]\\d", TimeSpan.FromSeconds(25));
        await bob.WaitForAsync("\"user\": \"xmpp:ann@localhost[^}]*\"audio\": [1-9]\\d\\d, \"video\": [1-9]\\d", TimeSpan.FromSeconds(25));
        // Only other people's streams are sent: XEP-0521 "Business Rules".
        Assert.DoesNotContain("\"user\": \"xmpp:ann@localhost", ann.Text);

        bob.Say("leave");
        await ann.WaitForAsync("\"event\": \"terminated\".*\"own\": false", TimeSpan.FromSeconds(5));
        ann.Say("leave");
        await ann.WaitForAsync("\"event\": \"left\"", TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Rooms_of_two_domains_are_two_rooms()
    {
        await StartAsync("--Server:Domain", "one.test", "--Server:Domains:0", "two.test", "--Server:BindAddress", "127.0.0.1");
        Server.AddUser("ann@one.test", "pw");
        Server.AddUser("bob@two.test", "pw");

        var ann = Join("ann", "one.test");
        var bob = Join("bob", "two.test");
        await ann.WaitForAsync("\"event\": \"connection\".*\"state\": \"connected\"", TimeSpan.FromSeconds(20));
        await bob.WaitForAsync("\"event\": \"connection\".*\"state\": \"connected\"", TimeSpan.FromSeconds(20));
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("\"event\": \"session\"", ann.Text);
        Assert.DoesNotContain("\"event\": \"session\"", bob.Text);
    }

    private RunningCommand Join(string user, string domain, params string[] flags) =>
        PythonClient.Start(Namespace, "conference", [Server.Certificate, $"{user}@{domain}", "pw", $"room@calls.{domain}", .. flags]);
}
