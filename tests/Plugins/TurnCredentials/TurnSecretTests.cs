using Parley.Plugins.TurnCredentials;

namespace Parley.tests.Plugins.TurnCredentials;

public sealed class TurnSecretTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-secret").FullName;

    private string SecretPath => Path.Combine(_directory, "turn-secret");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_secret_is_made_once_kept_and_only_the_owners()
    {
        var first = TurnSecret.ReadOrMake(_directory);
        Assert.True(first.Text.Length >= 40);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretPath));
        Assert.Equal(first.Text, TurnSecret.ReadOrMake(_directory).Text);
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Fact]
    public void A_secret_that_others_could_read_is_closed_to_them()
    {
        File.WriteAllText(SecretPath, "0123456789abcdef0123\n");
        File.SetUnixFileMode(SecretPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal("0123456789abcdef0123", TurnSecret.ReadOrMake(_directory).Text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("two lines of text\nand more of it")]
    [InlineData("changeme-changeme-changeme")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa")]
    public void A_damaged_secret_is_named_and_left_alone(string content)
    {
        File.WriteAllText(SecretPath, content);
        var error = Assert.Throws<IOException>(() => TurnSecret.ReadOrMake(_directory));
        Assert.Contains(SecretPath, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(SecretPath));
    }

    [Fact]
    public void A_secret_of_unbounded_size_is_not_read()
    {
        File.WriteAllText(SecretPath, new string('x', 1 << 20));
        Assert.Throws<IOException>(() => TurnSecret.ReadOrMake(_directory));
    }

    [Fact]
    public void A_place_that_cannot_hold_a_secret_is_an_error()
    {
        File.WriteAllText(Path.Combine(_directory, "file"), "");
        Assert.ThrowsAny<IOException>(() => TurnSecret.ReadOrMake(Path.Combine(_directory, "file")));
    }

    // printf %s '1800000000:u1' | openssl dgst -sha1 -hmac north -binary | base64
    [Fact]
    public void A_password_is_what_other_tools_compute() => Assert.Equal("RIJ6ZnJNR1W05gwiA5Rf03f0vLY=", new TurnSecret("north").PasswordOf("1800000000:u1"));
}
