using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp as a telephone that is woken by push (XEP-0357).</summary>
public sealed class PushTests : WireTest
{
    [Fact]
    public async Task One_that_seems_to_be_there_and_does_not_answer_is_woken()
    {
        await StartAsync();
        foreach (var user in new[] { "ann", "ben", "app" }) Server.AddUser($"{user}@localhost", "correct horse");

        var told = PythonClient.Run(Namespace, "phone", Server.Certificate, "ann@localhost/phone", "correct horse", "ben@localhost", "correct horse", "app@localhost", "correct horse");

        Assert.Equal("[]", told.GetProperty("awake").GetRawText());
        Assert.Equal("[\"this-phone\"]", told.GetProperty("tunnel").GetRawText());
        Assert.Equal("session_resumed", told.GetProperty("resumed").GetString());
        Assert.Equal("[\"this-phone\"]", told.GetProperty("lost").GetRawText());
    }
}
