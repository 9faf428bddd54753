using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Our server and Debian's Prosody or ejabberd in a network of their own, with people of slixmpp on both.</summary>
public sealed class FederationTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FederationLab _lab = new();
    private ServerProcess? _near;
    private OtherServer? _far;
    private RunningCommand _people = null!;
    private TemporaryFile? _trusted;
    private int _heard;

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine("--- people\n" + _people?.Text + "\n--- server\n" + _near?.Command.Text + "\n--- other server\n" + _far?.Log);
        }

        _near?.Dispose();
        _far?.Dispose();
        _lab.Dispose();
        _trusted?.Dispose();
    }

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    public async Task Servers_with_certificates_carry_chats_presence_questions_rooms_and_calls_and_lose_nothing_when_one_restarts(string other)
    {
        await StartAsync(other, trusts: true);
        await SayAsync("say ann ben@far.test hello", "ben message ann@near.test/.* hello");
        await SayAsync("say ben ann@near.test and back", "ann message ben@far.test/.* and back");
        Assert.True(_far!.HasUsedCertificates);

        // Both agree and ask in return.
        await SayAsync("subscribe ann ben@far.test", "ann available ben@far.test/.*", "ben available ann@near.test/.*");
        await SayAsync("ping ann far.test", "ann pong far.test");
        await SayAsync("ping ben near.test", "ben pong near.test");
        await SayAsync("disco ben near.test", "ben info near.test .*urn:xmpp:extdisco:2.*");
        await SayAsync("propose ann ben@far.test call-1", "ben propose ann@near.test/.* call-1");
        await SayAsync("proceed ben ann@near.test call-1", "ann proceed ben@far.test/.* call-1");
        await SayAsync("propose ben ann@near.test call-2", "ann propose ben@far.test/.* call-2");
        await SayAsync("proceed ann ben@far.test call-2", "ben proceed ann@near.test/.* call-2");
        await SayAsync("join ann room@rooms.far.test ann", "ann available room@rooms.far.test/ann");
        await SayAsync("shout ann room@rooms.far.test to all", "ann room room@rooms.far.test/ann to all");

        // Theirs in a room of ours: what was said before he came, and what is said now, both ways.
        await SayAsync("join ann tea@rooms.near.test ann", "ann available tea@rooms.near.test/ann");
        await SayAsync("unlock ann tea@rooms.near.test", "ann unlocked tea@rooms.near.test");
        await SayAsync("shout ann tea@rooms.near.test before you came", "ann room tea@rooms.near.test/ann before you came");
        await SayAsync("join ben tea@rooms.near.test ben", "ben available tea@rooms.near.test/ann", "ben available tea@rooms.near.test/ben", "ben room tea@rooms.near.test/ann before you came", "ann available tea@rooms.near.test/ben");
        await SayAsync("shout ben tea@rooms.near.test here I am", "ann room tea@rooms.near.test/ben here I am", "ben room tea@rooms.near.test/ben here I am");
        await SayAsync("shout ann tea@rooms.near.test welcome", "ben room tea@rooms.near.test/ann welcome");

        // A file of either side is fetched from its own server by who is told of it (XEP-0363, XEP-0066).
        await SayAsync("share ann upload.near.test ben@far.test near and dear", "ann shared https://near.test.*", "ben file ann@near.test/.* https://near.test.* 200 near and dear");
        await SayAsync("share ben upload.far.test ann@near.test far and wide", "ben shared https://xmpp.far.test.*", "ann file ben@far.test/.* https://xmpp.far.test.* 200 far and wide");

        // Theirs restarts: what we have waits, in order, and comes once.
        _far.Stop();
        await _people.WaitForAsync("ben offline", Patience, _heard);
        for (var i = 1; i <= 5; i++) _people.Say($"say ann ben@far.test while away {i}");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("ann error", _people.Text, StringComparison.Ordinal);
        await _far.StartAgainAsync();
        await NothingWaitsAsync();
        await SayAsync("login ben", "ben online");
        for (var i = 1; i <= 5; i++) await HearAsync($"ben message ann@near.test/.* while away {i}");
        await HearAsync("ann available ben@far.test/.*");

        // Ours restarts: streams of both directions are made anew, and both see each other again.
        Assert.Equal(0, _near!.Stop());
        await HearAsync("ben unavailable ann@near.test/.*");
        await _near.StartAgainAsync(settings: _settings);
        await SayAsync("login ann", "ann online");
        await HearAsync("ben available ann@near.test/.*");
        await SayAsync("say ben ann@near.test welcome back", "ann message ben@far.test/.* welcome back");
        await SayAsync("say ann ben@far.test thanks", "ben message ann@near.test/.* thanks");
        var all = _people.Text.Split('\n');
        Assert.All(Enumerable.Range(1, 5), i => Assert.Single(all, line => line.StartsWith("ben message", StringComparison.Ordinal) && line.EndsWith($"while away {i}", StringComparison.Ordinal)));
        var status = _near.Cli("status").Output;
        Assert.Matches("federation.incoming [1-9]", status);
        Assert.Matches("federation.outgoing [1-9]", status);
    }

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    public async Task Servers_whose_certificates_prove_nothing_call_each_other_back(string other)
    {
        await StartAsync(other, trusts: false);
        await SayAsync("say ann ben@far.test hello", "ben message ann@near.test/.* hello");
        await SayAsync("say ben ann@near.test and back", "ann message ben@far.test/.* and back");
        Assert.False(_far!.HasUsedCertificates);
        await SayAsync("say ann nobody@nowhere.test hello", "ann error nobody@nowhere.test remote-server-not-found");
        await SayAsync("ping ann nowhere.test", "ann error nowhere.test remote-server-not-found");
    }

    private string[] _settings = [];

    private async Task StartAsync(string other, bool trusts)
    {
        _settings = _lab.NearSettings(trusts);
        var far = OtherServer.StartAsync(other, _lab, trusts);
        _near = await ServerProcess.StartAsync(_lab.Near, settings: _settings);
        _near.AddUser("ann@near.test", "correct horse");
        _far = await far;
        var trusted = File.ReadAllText(_lab.Roots) + (trusts ? "" : "\n" + File.ReadAllText(_near.Certificate));
        _trusted = new TemporaryFile(trusted);
        _people = PythonClient.Start(_lab.Exchange, "talkers", _trusted.Path, "ann", "ann@near.test", "correct horse", FederationLab.NearAddress, "ben", "ben@far.test", OtherServer.Password, FederationLab.FarAddress);
        await SayAsync("login ann", "ann online");
        await SayAsync("login ben", "ben online");
    }

    // Each is told something, and all must hear of it afterwards.
    private async Task SayAsync(string line, params string[] patterns)
    {
        _heard = _people.Count;
        _people.Say(line);
        foreach (var pattern in patterns) await HearAsync(pattern);
    }

    // ejabberd forgets, until the next log-in, a message that it stores in the very moment in which its reader logs in (seen in its log); so he comes when all is stored.
    private async Task NothingWaitsAsync()
    {
        for (var i = 0; !_near!.Cli("status").Output.Contains("federation.waiting 0", StringComparison.Ordinal); i++)
        {
            Assert.True(i < 60, "What waits for the other server does not go to it");
            await Task.Delay(250, TestContext.Current.CancellationToken);
        }

        await Task.Delay(1000, TestContext.Current.CancellationToken);
    }

    private Task<Match> HearAsync(string pattern) => _people.WaitForAsync("^" + pattern + "$", Patience, _heard);
}
