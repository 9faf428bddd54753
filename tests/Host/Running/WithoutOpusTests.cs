using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>The program where libopus cannot be loaded: chat and the call page run, one-to-one clients are refused clearly, and the log says why.</summary>
public sealed class WithoutOpusTests : IDisposable
{
    private const string Call = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1'><content creator='initiator' name='0'>
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='111' name='opus' clockrate='48000' channels='2'/><rtcp-mux/></description>
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='abcdefghijklmnopqrstuvwx'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F</fingerprint></transport>
        </content></jingle>
        """;

    private readonly NetworkNamespace _ns = NetworkNamespace.Create();
    private readonly string _hiding = Directory.CreateTempSubdirectory("parley-no-opus-").FullName;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [SuppressMessage("Security", "CA5350", Justification = "The hash that XEP-0115 names.")]
    public async Task Rooms_say_what_they_can_do_and_the_log_what_is_off(bool isHidden)
    {
        // The loader takes the first file of that name, and this one is none.
        await File.WriteAllTextAsync(Path.Combine(_hiding, "libopus.so.0"), "", TestContext.Current.CancellationToken);
        using var server = await ServerProcess.StartAsync(_ns, new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = isHidden ? _hiding : null }, "--Plugins:FocusAgent:RosterRooms:0:Room", "tea", "--Plugins:FocusAgent:RosterRooms:0:Name", "Tea room", "--Plugins:FocusAgent:RosterRooms:0:Group", "Calls");
        server.AddUser("dan@localhost", "correct horse");
        await using var dan = await XmppTestClient.ConnectAsync(_ns, isDirectTls: true);
        await dan.OpenAsync();
        await dan.LoginWithPasswordAsync("dan", "correct horse");

        await dan.SendAsync("<iq type='get' id='d' to='tea@calls.localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var info = (await dan.HearAsync("<iq [^>]*id='d'.*?</iq>")).Value;
        Assert.Contains("'urn:xmpp:jingle:apps:rtp:1'", info, StringComparison.Ordinal);
        Assert.Equal(!isHidden, info.Contains("urn:xmpp:jingle:apps:rtp:audio", StringComparison.Ordinal));
        Assert.Equal(isHidden, Regex.IsMatch(server.Command.Text, "libopus is not installed .*apt install libopus0"));

        await dan.SendAsync($"<iq type='set' id='c' to='tea@calls.localhost'>{Call}</iq>");
        await dan.HearAsync("<iq [^>]*id='c'[^>]*type='result'|<iq [^>]*type='result'[^>]*id='c'");
        await dan.HearAsync(isHidden ? "action='session-terminate'.*<unsupported-applications.*<text>[^<]*cannot mix" : "action='session-accept'");

        // The room is a contact that nobody added: in the roster, and there.
        await dan.SendAsync("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
        var roster = (await dan.HearAsync("<iq [^>]*id='r'.*?</iq>")).Value;
        Assert.Matches("<item [^>]*jid='tea@calls.localhost'[^>]*>\\s*<group>Calls</group>", roster);
        Assert.Matches("<item [^>]*name='Tea room'[^>]*subscription='both'|<item [^>]*subscription='both'[^>]*name='Tea room'", roster);
        await dan.SendAsync("<presence/>");
        var caps = (await dan.HearAsync("<presence [^>]*from='tea@calls.localhost/focus'.*?<c [^>]*/>")).Value;

        // What it says of itself in presence is what it answers, word for word, or clients do not believe it (XEP-0115 section 5.4).
        var said = (Node: Regex.Match(caps, "node='([^']*)'").Groups[1].Value, Version: Regex.Match(caps, "ver='([^']*)'").Groups[1].Value);
        await dan.SendAsync($"<iq type='get' id='v' to='tea@calls.localhost/focus'><query xmlns='http://jabber.org/protocol/disco#info' node='{said.Node}#{said.Version}'/></iq>");
        var answer = (await dan.HearAsync("<iq [^>]*id='v'.*?</iq>")).Value;
        var features = Regex.Matches(answer, "<feature [^>]*var='([^']*)'").Select(m => m.Groups[1].Value + "<").Order(StringComparer.Ordinal);
        Assert.Equal(said.Version, Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes("conference/audio-video//<" + string.Concat(features)))));
    }

    public void Dispose()
    {
        _ns.Dispose();
        Directory.Delete(_hiding, recursive: true);
        GC.SuppressFinalize(this);
    }
}
