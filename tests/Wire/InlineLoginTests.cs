using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>@xmpp/client, which logs in by the second SASL profile (XEP-0388) with all that goes along.</summary>
public sealed class InlineLoginTests : WireTest
{
    [Fact]
    public async Task A_client_logs_in_binds_and_turns_things_on_in_one_breath_resumes_so_and_comes_back_by_a_token()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = await NodeClient.RunAsync(Namespace, Server.Certificate, "sasl2", "xmpps://localhost:5223", "localhost", "correct horse");

        // Both clients by the password, then the broken one and the new start by the token.
        Assert.Equal(["SCRAM-SHA-1", "SCRAM-SHA-1", "HT-SHA-256-NONE", "HT-SHA-256-NONE"], Strings("mechanisms"));
        var jids = Strings("jids");
        Assert.StartsWith("ann@localhost/Phone/", jids[0]);
        Assert.StartsWith("ann@localhost/Laptop/", jids[1]);
        // Resumed, and bound anew: the same installation has the same address.
        Assert.Equal([jids[0], jids[0]], jids[2..]);
        Assert.True(told.GetProperty("managed").GetBoolean());
        Assert.True(told.GetProperty("resumed").GetBoolean());
        Assert.Equal(["to bob"], Strings("carbons"));
        Assert.Equal(["while away"], Strings("heard"));

        string[] Strings(string name) => [.. told.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
    }
}
