using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>strophe.js over BOSH (XEP-0206).</summary>
public sealed class BoshTests : WireTest
{
    [Fact]
    public async Task Two_people_talk_over_http_requests()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = await NodeClient.RunAsync(Namespace, Server.Certificate, "bosh", "http://localhost:5280/http-bind", "https://localhost:5281/http-bind", "localhost", "correct horse", "battery staple");

        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-512"], told.GetProperty("mechanisms").EnumerateArray().Select(m => m.GetString()));
        var heard = told.GetProperty("heard");
        Assert.Equal(["ann@localhost", "over BOSH &lt;&amp;&gt; 😀"], heard[0].EnumerateArray().Select(h => h.GetString()));
        Assert.Equal(["bob@localhost", "and back"], heard[1].EnumerateArray().Select(h => h.GetString()));
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 50)), heard[2].GetString());
    }
}
