/** What people choose first, without the digits and signs around it. */
const words = new Set(
  `password passwort passwords passphrase passord motdepasse contrasena senha parola wachtwoord haslo
  pass passwd pwd secret secrets geheim default changeme changeit change temp temporary newpass mypass letmein letmeinn
  welcome willkommen bienvenue hello hallo helloworld goodbye access login logon signin guest user username test tester
  testing testtest testpass demo sample example admin administrator adminadmin root rootroot toor superuser sysadmin
  manager master operator service support office company server computer internet network wireless windows microsoft
  linux ubuntu debian oracle mysql postgres postgresql database docker github google gmail yahoo facebook twitter
  linkedin instagram youtube whatsapp amazon apple iphone android samsung nokia motorola latchkey
  qwerty qwert qwertz azerty azertyuiop qwertyui qwertyuiop qwertzuiop qwerqwer qweqwe qweasd qweasdzxc qwaszx asdf asdfg
  asdfgh asdfghjk asdfghjkl asdasd asdfasdf asdqwe zxcv zxcvb zxcvbn zxcvbnm zxczxc qazwsx qazwsxedc wsxedc qaz2wsx
  q2w3e4r q2w3e4r5t q1w2e3r q1w2e3r4t a1b2c3d poiuytrewq lkjhgfdsa mnbvcxz abc abcd abcde abcdef abcdefg abcdefgh abcdefghi
  aaaaaa xxxxxx zzzzzz
  iloveyou iloveu ilovegod iloveme loveyou loveme lovely lover lovers love loveforever mylove sweetheart sweetie honey
  babygirl babyboy princess prince angel angels princesa teamo tequiero amor mahal forever friends friend family mother
  father mommy daddy sister brother beautiful handsome sexy hottie cutie
  sunshine moonlight starlight rainbow summer winter spring autumn january february march april june july august
  september october november december monday tuesday wednesday thursday friday saturday sunday
  monkey dragon tiger tigger lion eagle falcon phoenix panther jaguar wolf shark dolphin butterfly kitty hellokitty puppy
  buster bailey maggie molly ginger pepper cookie cookies chocolate cheese banana orange strawberry cherry peaches flower
  purple yellow silver golden diamond crystal black white
  superman batman spiderman ironman wonderwoman pokemon pikachu naruto starwars skywalker startrek matrix hobbit gandalf
  harrypotter minecraft fortnite roblox playstation nintendo xbox gamer killer hunter ranger warrior ninja samurai
  shadow freedom liberty justice trustno trustme whatever nothing anything fuckyou fuckoff asshole bullshit
  football baseball basketball soccer hockey tennis golfer cricket volleyball lakers yankees cowboys steelers eagles
  liverpool arsenal chelsea barcelona realmadrid manchester juventus bayern dortmund schalke ronaldo messi neymar
  mustang corvette ferrari porsche mercedes chevrolet camaro yamaha kawasaki harley ducati toyota honda
  michael jennifer jessica jordan ashley daniel andrew thomas charlie matthew anthony joshua robert nicole hannah amanda
  samantha michelle michele alexander alexandra alexander elizabeth william patrick george christopher benjamin jonathan
  natalie stephanie veronica victoria vanessa melissa danielle brandon justin austin tyler dakota cameron gabriel carlos
  fernando alejandro roberto eduardo sebastian martin marina martina andrea claudia barbara caroline charlotte sophie
  thunder lightning storm hurricane money dollar million success lucky blessed heaven jesus jesuschrist christ mustafa
  america canada australia germany deutschland france england london paris berlin madrid mexico brasil india pakistan
  einstein newton merlin marlboro metallica nirvana slipknot greenday beatles elvis madonna eminem snoopy scooby scoobydoo
  mickey mickeymouse donald garfield bubbles peanut pumpkin muffin precious jasmine rachel rebecca daisy rosebud bella`.split(
    /\s+/,
  ),
);

/** Digits and signs that stand for letters. */
const disguises: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** So many characters around a common word leave it a common password. */
const ornaments = 6;
const runs = [
  '01234567890123456789',
  '98765432109876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
];

/**
 * Whether a password is among the first that are guessed: a common word with a few digits or signs around it or in the
 * place of letters, a run of digits or keys, or a few characters over and over.
 */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
  const core = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
  const plain = core.replace(/[013457@$!]/g, (sign) => disguises[sign] ?? sign);
  const dressed = text.length - core.length <= ornaments && (words.has(core) || words.has(plain));
  const doubled = /^(.+)\1$/.exec(plain)?.[1];
  return dressed || (doubled !== undefined && words.has(doubled)) || isMonotonous(text);
}

function isMonotonous(text: string): boolean {
  const single = /^((.)\2)+$/.test(text) ? text.replace(/(.)\1/g, '$1') : text;
  return text.length <= 20 && (/^(.{1,6})\1+$/u.test(text) || runs.some((run) => run.includes(single)));
}
