using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>Each built-in plugin goes off by one key and leaves sense behind.</summary>
public sealed class PluginsOffTests : RunningTest
{
    private const string Call = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1'><leg xmlns='urn:parley:leg:0' token='AAAAAAAAAAAAAAAAAAAAAA'/><content creator='initiator' name='0' senders='initiator'>
        <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='111' name='opus' clockrate='48000' channels='2'/><rtcp-mux/></description>
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='abcdefghijklmnopqrstuvwx'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F</fingerprint></transport>
        </content></jingle>
        """;

    private const string Services = "<services xmlns='urn:xmpp:extdisco:2'/>";

    [Fact]
    public async Task With_everything_on_there_are_TURN_and_calls()
    {
        await using var guest = await EnterAsync();

        Assert.Matches("type='turn'.*username='", await AskAsync(guest, "get", "localhost", Services));
        Assert.Contains("type='result'", await AskAsync(guest, "set", "room@calls.localhost", Call), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ExtDisco_nobody_is_told_services()
    {
        await using var guest = await EnterAsync("--Plugins:ExtDisco:Enabled", "false");

        Assert.Contains("<service-unavailable", await AskAsync(guest, "get", "localhost", Services), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TurnCredentials_only_STUN_is_listed()
    {
        await using var guest = await EnterAsync("--Plugins:TurnCredentials:Enabled", "false");

        var answer = await AskAsync(guest, "get", "localhost", Services);
        Assert.Contains("type='stun'", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("type='turn'", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_MediaRelay_calls_are_unavailable_and_no_service_is_listed()
    {
        await using var guest = await EnterAsync("--Plugins:MediaRelay:Enabled", "false");

        Assert.Contains("<service-unavailable", await AskAsync(guest, "set", "room@calls.localhost", Call), StringComparison.Ordinal);
        Assert.DoesNotContain("<service ", await AskAsync(guest, "get", "localhost", Services), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_FocusAgent_there_are_no_rooms()
    {
        await using var guest = await EnterAsync("--Plugins:FocusAgent:Enabled", "false");

        var answer = await AskAsync(guest, "set", "room@calls.localhost", Call);
        Assert.Contains("type='error'", answer, StringComparison.Ordinal);
        Assert.Matches("type='turn'", await AskAsync(guest, "get", "localhost", Services));
    }

    private async Task<XmppTestClient> EnterAsync(params string[] settings)
    {
        await StartAsync(settings);
        var client = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost");
        await client.LoginAsGuestAsync();
        return client;
    }

    private static async Task<string> AskAsync(XmppTestClient client, string type, string to, string payload)
    {
        var id = Guid.NewGuid().ToString("N");
        await client.SendAsync($"<iq xmlns='jabber:client' type='{type}' id='{id}' to='{to}'>{payload.ReplaceLineEndings("")}</iq>");
        return (await client.HearAsync($"<iq [^>]*id='{id}'[^>]*?(/>|>.*?</iq>)")).Value;
    }
}
