using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Core.Tests.Sasl;

public sealed class HtMechanismTests
{
    private static readonly byte[] Certificate = [1, 2, 3];

    [Theory]
    [InlineData("token", 1)]
    [InlineData("other", 0)]
    public void Whoever_proves_one_of_the_tokens_is_in_and_hears_that_the_server_knows_it(string token, int matched)
    {
        var machine = new HtMechanism(Certificate);
        Assert.Equal(new SaslStep.NeedTokens("ann"), machine.Receive(Message("ann", token, Certificate)));
        var success = Assert.IsType<SaslStep.Success>(machine.Provide(["other", "token"]));
        Assert.Equal(("ann", (string?)null, matched), (success.UserName, success.AuthorizationId, machine.Matched));
        Assert.Equal(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), (byte[])[.. "Responder"u8, .. Certificate]), success.Data.ToArray());
    }

    [Fact]
    public void Another_token_another_channel_or_none_at_all_is_not()
    {
        foreach (var (message, tokens) in new (byte[], string[])[] { (Message("ann", "token", Certificate), ["other"]), (Message("ann", "token", [9]), ["token"]), (Message("ann", "token", Certificate), []) })
        {
            var machine = new HtMechanism(Certificate);
            machine.Receive(message);
            Assert.Equal(new SaslStep.Failure(SaslConditions.NotAuthorized), machine.Provide(tokens));
        }
    }

    [Theory]
    [InlineData("ann", SaslConditions.MalformedRequest)]
    [InlineData("ann\0", SaslConditions.MalformedRequest)]
    [InlineData("ann\0tooshort", SaslConditions.MalformedRequest)]
    [InlineData("\0aaaaaaaabbbbbbbbccccccccdddddddd", SaslConditions.NotAuthorized)]
    public void What_is_no_such_message_is_refused(string message, string condition) =>
        Assert.Equal(new SaslStep.Failure(condition), new HtMechanism(default).Receive(Encoding.UTF8.GetBytes(message)));

    private static byte[] Message(string user, string token, byte[] binding) =>
        [.. Encoding.UTF8.GetBytes(user), 0, .. HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), (byte[])[.. "Initiator"u8, .. binding])];
}
