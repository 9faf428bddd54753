using System.Net.WebSockets;
using System.Text;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>What no client should send, over every carrier, to the real server: it gets the standard's own error, and nobody else notices.</summary>
public sealed class BadXmlTests : WireTest
{
    private const string Auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>";

    // What is sent after the stream header, and the stream error that it earns (RFC 6120 section 4.9.3).
    private static readonly (string Name, byte[] Bytes, string Condition)[] Bad =
    [
        ("a stanza before authentication", Text("<message xmlns='jabber:client' to='ann@localhost'><body>hi</body></message>"), "not-authorized"),
        ("an oversized stanza", Text(Auth + new string('A', 20_000) + "</auth>"), "policy-violation"),
        ("a deep stanza", Text(string.Concat(Enumerable.Repeat("<a xmlns='x'>", 300))), "policy-violation"),
        ("a DOCTYPE", Text("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "(restricted-xml|not-well-formed)"),
        ("a comment", Text("<!-- no --><a/>"), "(restricted-xml|not-well-formed)"),
        ("an entity of its own", Text("<a xmlns='x'>&b;</a>"), "(restricted-xml|not-well-formed)"),
        ("bytes that are no UTF-8", [.. Text("<a xmlns='x'>"), 0xc3, 0x28, .. Text("</a>")], "(unsupported-encoding|not-well-formed|bad-format)"),
        ("a control character", Text("<a xmlns='x'>&#1;</a>"), "not-well-formed"),
        ("an unbound prefix", Text("<b:a/>"), "(not-well-formed|bad-namespace-prefix)"),
        ("tags that do not match", Text("<a xmlns='x'><b></a></b>"), "not-well-formed"),
    ];

    [Fact]
    public async Task It_earns_its_stream_error_over_every_carrier_and_disturbs_nobody()
    {
        await StartAsync();
        await using var witness = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost");
        var jid = await witness.LoginAsGuestAsync();

        foreach (var (name, bytes, condition) in Bad)
        {
            foreach (var carrier in (string[])["TCP", "TLS", "WebSocket"])
            {
                await using var client = await ConnectAsync(carrier);
                await client.OpenAsync();
                await client.SendAsync(bytes);
                var heard = await client.HearEndAsync();
                // RFC 6455 section 8.1 comes first: the connection fails.
                if (carrier == "WebSocket" && client.CloseStatus == WebSocketCloseStatus.InvalidPayloadData && name.Contains("UTF-8", StringComparison.Ordinal)) continue;
                Assert.True(System.Text.RegularExpressions.Regex.IsMatch(heard, $"<(stream:)?error[^>]*>\\s*<{condition}[ /]"), $"{name} over {carrier} heard: {heard} (closed {client.CloseStatus})");
            }
        }

        // What ends in the middle ends its own connection alone.
        foreach (var half in (string[])["", "<", "<?xml", "<stream:stream xmlns='jab", "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'><auth"])
        {
            var client = await XmppTestClient.ConnectAsync(Namespace);
            await client.SendAsync(half);
            await client.DisposeAsync();
        }

        await witness.SendAsync("<iq xmlns='jabber:client' type='get' id='alive'><ping xmlns='urn:xmpp:ping'/></iq>");
        await witness.HearAsync("<iq[^>]*(type=['\"]result['\"][^>]*id=['\"]alive|id=['\"]alive['\"][^>]*type=['\"]result)");
        Assert.EndsWith("guest.localhost", jid.Split('/')[0]);
    }

    [Fact]
    public async Task Bytes_smuggled_behind_starttls_are_never_obeyed()
    {
        await StartAsync();
        await using var client = await XmppTestClient.ConnectAsync(Namespace);
        await client.OpenAsync();

        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><iq xmlns='jabber:client' type='get' id='smuggled'><ping xmlns='urn:xmpp:ping'/></iq>");

        var heard = await client.HearEndAsync();
        Assert.DoesNotContain("smuggled", heard);
        Assert.DoesNotContain("<proceed", heard);
    }

    [Fact]
    public async Task A_forged_sender_ends_the_stream()
    {
        await StartAsync();
        await using var victim = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost");
        var jid = await victim.LoginAsGuestAsync();
        await using var client = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest.localhost");
        await client.LoginAsGuestAsync();

        await client.SendAsync($"<message xmlns='jabber:client' from='{jid}' to='{jid}'><body>it is you</body></message>");

        Assert.Matches("<(stream:)?error[^>]*>\\s*<invalid-from[ /]", await client.HearEndAsync());
        Assert.DoesNotContain("it is you", victim.Heard);
    }

    [Fact]
    public async Task Without_TLS_nothing_but_SCRAM_is_offered_and_a_password_in_clear_is_refused()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        await using var client = await XmppTestClient.ConnectAsync(Namespace);
        await client.OpenAsync();
        Assert.DoesNotContain(">PLAIN<", client.Heard);

        await client.SendAsync($"{Auth}{Convert.ToBase64String("\0ann\0pw"u8)}</auth>");
        await client.HearAsync("<(invalid-mechanism|encryption-required)[ /]");

        await client.StartTlsAsync();
        Assert.StartsWith("ann@localhost/", await client.LoginWithPasswordAsync("ann", "pw"));
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private Task<XmppTestClient> ConnectAsync(string carrier) => carrier switch
    {
        "TCP" => XmppTestClient.ConnectAsync(Namespace),
        "TLS" => XmppTestClient.ConnectAsync(Namespace, isDirectTls: true),
        _ => XmppTestClient.ConnectWebSocketAsync(Namespace),
    };
}
