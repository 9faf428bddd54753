using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>The program where OpenH264 cannot be loaded: all else runs, H.264 is as if nobody offered it, and the log says why.</summary>
public sealed class WithoutH264Tests : IDisposable
{
    private const string Transport = """
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='abcdefghijklmnopqrstuvwx'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F</fingerprint></transport>
        """;

    private const string Call = $"""
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1'><content creator='initiator' name='0'>
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='111' name='opus' clockrate='48000' channels='2'/><rtcp-mux/></description>
        {Transport}</content><content creator='initiator' name='1'>
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'><payload-type id='102' name='H264' clockrate='90000'><parameter name='profile-level-id' value='42e01f'/><parameter name='packetization-mode' value='1'/></payload-type><rtcp-mux/></description>
        {Transport}</content></jingle>
        """;

    private readonly NetworkNamespace _ns = NetworkNamespace.Create();
    private readonly string _hiding = Directory.CreateTempSubdirectory("parley-no-h264-").FullName;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_with_nothing_else_is_heard_and_not_seen_and_the_log_says_what_is_off(bool isHidden)
    {
        // The loader takes the first file of that name, and this one is none.
        await File.WriteAllTextAsync(Path.Combine(_hiding, "libopenh264.so.7"), "", TestContext.Current.CancellationToken);
        using var server = await ServerProcess.StartAsync(_ns, new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = isHidden ? _hiding : null });
        server.AddUser("dan@localhost", "correct horse");
        await using var dan = await XmppTestClient.ConnectAsync(_ns, isDirectTls: true);
        await dan.OpenAsync();
        await dan.LoginWithPasswordAsync("dan", "correct horse");

        await dan.SendAsync($"<iq type='set' id='c' to='tea@calls.localhost'>{Call}</iq>");
        var accept = (await dan.HearAsync("<jingle [^>]*action='session-accept'.*?</jingle>")).Value;

        Assert.Contains("name='opus'", accept, StringComparison.Ordinal);
        Assert.Equal(!isHidden, Regex.IsMatch(accept, "name='H264'.*<parameter [^>]*value='42e01f'"));
        Assert.Equal(isHidden, Regex.IsMatch(server.Command.Text, "H\\.264 is off: libopenh264\\.so\\.7 is not installed .*apt install libopenh264-7"));
        Assert.DoesNotContain("transcoding are off", server.Command.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ns.Dispose();
        Directory.Delete(_hiding, recursive: true);
        GC.SuppressFinalize(this);
    }
}
