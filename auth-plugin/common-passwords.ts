/** Passwords that guessers try first, by list and by the rules that people make them with. */

/** Those of at least ten characters that no rule below finds. */
const LIST = `
1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc qazwsxedcrfv qazwsxedcr zaq12wsxcde3 zaq1xsw2cde3 q1w2e3r4t5 q1w2e3r4t5y6
1qaz2wsx3edc4rfv 1q2w3e4r5t6y7u 1234qwerasdf qwer1234asdf asdf1234qwer qwerasdfzxcv qweasdzxc123 qwe123asd456 1qaz1qaz1qaz
abcd1234abcd 123qweasdzxc zxcvasdfqwer qwertyasdfgh asdfghzxcvbn 1a2b3c4d5e a1b2c3d4e5 a1b2c3d4e5f6 1a2s3d4f5g 147258369a 1472583690
7894561230 0147258369 3216549870 1597534862 9876543210a 1029384756 5201314520 1123581321 3141592653 31415926535 2718281828 1231231234
administrator adminadmin admin123admin rootroot123 passwordpassword passpasspass password12password mypassword newpassword oldpassword
thepassword ourpassword nopassword yourpassword testpassword userpassword adminpassword rootpassword changepassword masterpassword
secretpassword passwordispassword changeitnow pleasechange letmeinnow letmeinplease openthedoor opensesame1 letitbe1234
iloveyouso iloveyoutoo iloveyouforever iloveyoubaby iloveyoubabe iloveyousomuch iloveyoumore iloveyou4ever iloveyoumom iloveyoujesus
ilovemyself ilovemydog ilovemycat ilovemymom ilovemymum ilovemyfamily ilovemusic ilovefootball ilovejesus ilovechocolate ilovehim
ilovesoccer ilovegod12 ilovepizza imissyou12 fuckyou123 fuckyoubitch fuckyouall fuckyou2day fuckoff123 motherfucker motherfucka
gofuckyourself asshole123 suckmydick suckmyballs bigdaddy123 bigcock123 sexsexsex69 pussycat69 youporn123 hardcore69
basketball football123 footballer baseball12 volleyball soccer1234 manchester manchesterunited manchestercity liverpoolfc arsenal123
chelseafc1 barcelona1 fcbarcelona realmadrid juventus1897 bayernmunich borussia09 galatasaray fenerbahce besiktas1903 redskins1
steelers12 dallascowboys cowboys123 yankees123 lakers1234 snowboarding skateboard skateboarding wrestling1 gymnastics cheerleader
liverpool1 everton1878 tottenham1 newcastle1 leicester1 birmingham sunderland nottingham california losangeles sanfrancisco newyork123
newyorkcity washington philadelphia pittsburgh charlotte1 cincinnati minneapolis sacramento australia1 singapore1 argentina1 costarica
elsalvador puertorico venezuela1 nederland1 deutschland frankfurt1 oesterreich copenhagen stockholm1 amsterdam1 rotterdam1
christopher alexander1 alexandra1 alexandria alexandre1 christian1 christina1 christine1 elizabeth1 stephanie1 jacqueline michelle12
charlotte12 katherine1 catherine1 veronica12 gabriella1 gabrielle1 valentina1 valentine1 maximilian sebastian1 frederick1 bernadette
benjamin12 jonathan12 jennifer12 jessica123 michael123 anthony123 nicholas12 samantha12 danielle12 brandon123 joshua1234 matthew123
andrew1234 daniel1234 thomas1234 robert1234 charlie123 george1234 william123 richard123 francesco1 alessandro alessandra giovanni12
jesuschrist jesusislord jesusloves jesuslovesme godisgood1 godislove1 godblessme godblessyou blessed123 heavenly12 angelofdeath
spiderman1 spiderman12 batman1234 superman12 wonderwoman ironman123 starwars12 starwars123 startrek12 lordoftherings harrypotter
harrypotter1 gameofthrones pokemon123 pikachu123 charizard1 minecraft1 minecraft12 minecraft123 runescape1 runescape12 runescape123
worldofwarcraft warcraft123 starcraft1 starcraft2 counterstrike callofduty callofduty4 leagueoflegends playstation playstation2
playstation3 nintendo64 nintendo12 finalfantasy metalgear1 halflife123 assassins1 assassinscreed naruto1234 dragonball dragonballz
dragonforce spongebob1 spongebob12 hellokitty hellokitty1 mickeymouse minniemouse donaldduck tweetybird garfield12 scoobydoo1 scoobydoo2
strawberry strawberry1 blueberry1 raspberry1 watermelon watermelon1 pineapple1 chocolate1 chocolate12 butterfly1 butterfly2 butterfly7
sunflower1 peppermint cinnamon12 gingerbread buttercup1 snickers12 cheesecake cocacola12 mountaindew coffee1234 pepsicola1
caterpillar crocodile1 rhinoceros hippopotamus elephant12 panthers12 chihuahua1 rottweiler goldenretriever dalmatian1 wolverine1
wolverines mustang123 chevrolet1 lamborghini lamborghini1 volkswagen volkswagen1 mercedesbenz mercedes12 mitsubishi motorcycle
kawasaki12 yamaha1234 suzuki1234 porsche911 porsche123 corvette12 ferrari123 harleydavidson
technology engineering engineer12 electronics microsoft1 microsoft12 windows123 windowsxp1 google1234 facebook12 facebook123 myspace123
myspace1234 linkedin12 linkedin123 whatsapp12 instagram1 internet12 computer12 computer123 apple12345 samsung123 motorola12 blackberry
blackberry1 thinkpad12 raspberrypi ubuntu1234 debian1234 oracle1234 cisco12345 mysql12345 postgres12 docker1234 mosquitto1 default123
letmein123 letmein1234 welcome123 welcome1234 welcomehome welcomeback trustno1trustno1 blink182blink metallica1 metallica12 slipknot12
slipknot666 linkinpark linkinpark1 greenday12 ironmaiden ironmaiden666 blacksabbath ledzeppelin pinkfloyd1 avengedsevenfold eminem1234
mychemicalromance evanescence rockandroll rocknroll1 guitarhero rockstar12 heavymetal deathmetal1 whitesnake
babygirl12 babygirl123 prettygirl beautiful1 beautiful12 sweetheart sweetheart1 princess12 princess123 princesa12 heartbreak heartbreaker
loveandpeace loveforever lovelovelove lovemyself loveyou123 loverboy12 lovergirl1 kissmyass1 kissmyass12 cutiepie12 cutiepie123 sexygirl12
pumpkin123 snowflake1 sunshine12 sunshine123 moonlight1 starlight1 midnight12 daydreamer rainbow123 summertime summer2020 winter2020
spring2020 autumn2020 christmas1 christmas12 halloween1 valentines birthday12 happybirthday happyness1 happiness1 friendship forever123
forever21x bestfriend bestfriends friends123 friends4ever family1234 mommy12345 daddysgirl grandmother brotherhood familyfirst
blahblahblah whatever12 whatever123 nothing123 something1 everything1 hopeless12 helloworld helloworld1 hellohello hello12345 goodmorning
goodnight1 goodluck12 goodbye123 thankyou12 thankyou123 abracadabra antidisestablishmentarianism supercalifragilistic thisismypassword
thisisapassword thisismypass thisispassword thisisatest whatismypassword idontknow1 idontknow12 dontforget ihatepasswords iforgotmypassword
fuckpasswords correcthorse correcthorsebattery trustnobody nevermind1 mynameis12 myname1234 qwertyqwerty qwertyuiop12 azertyuiop
qwertzuiop1 asdfasdfasdf asdfjkl123 asdfghjkl1 asdfghjkl12 zxcvbnm123 zxcvbnm1234 qwerty123456 123456qwerty qwerty1234 1234qwerty 12345qwert
12345qwerty qwerty12345 abc1234567 abcd123456 123456abcd abcde12345 12345abcde abc123abc123 a123456789 123456789a 123456789q aa12345678
a1234567890 q123456789 123456789z z123456789 woaini1314 woaini1314520 woaini520520 5201314123 zhang123456 qq123456789 wang123456 li12345678
contrasena contrasenya contrasena1 contraseña motdepasse motdepasse1 passwort12 passwort123 passwort1234 geheim1234 wachtwoord wachtwoord1
sifre12345 haslo12345 lozinka123 parola1234 losenord12 salasana12 salasana123 senha12345 senha123456 tequiero12 teamo12345 teamomucho
estrella12 mariposa12 corazon123 princesita bonjour123 chouchou12 doudou1234 loulou1234 marseille1 marseille13 jetaime123 schatz1234
sommer2020 hallo12345 hallohallo hallowelt1 ichliebedich schalke04x schatzi123 sonnenschein fussball12 fussball123 sternchen1 blumen1234
`

const LISTED = new Set(LIST.split(/\s+/).filter((word) => word !== ''))

/** What people put digits and marks around. */
const BASES = new Set(
  `
pass passw passwd password passwort passord passphrase pwd secret secrets geheim letmein login logmein signin welcome changeme change
default guest admin administrator root user username test tester testing temp temporary demo sample master access system server
qwerty qwertz azerty qwert qwertyuiop qwertzuiop azertyuiop asdf asdfg asdfgh asdfghjk asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qaz qazwsx
qazwsxedc wsx edc abc abcd abcde abcdef abcdefg hello hallo hola bonjour ciao hellothere iloveyou iloveu loveyou loveu love lover lovers
lovely loveme iloveme sweety sweetie honey darling baby babygirl babyboy babe princess prince queen king angel angels devil jesus christ
god heaven monkey dragon tiger lion eagle falcon panther puppy kitty kitten doggy horse dolphin wolf bear chicken turtle spider snake
football soccer baseball basketball hockey tennis golf rugby cricket liverpool arsenal chelsea barcelona juventus madrid yankees
cowboys lakers steelers eagles superman batman spiderman ironman pokemon pikachu naruto minecraft starwars matrix hacker ninja samurai
shadow hunter ranger killer warrior soldier knight wizard magic master phoenix thunder lightning storm diamond silver golden gold
sunshine summer winter spring autumn sommer monday tuesday wednesday thursday friday saturday sunday january february march april may
june july august september october november december flower rainbow butterfly cookie chocolate banana orange apple cherry lemon peach
coffee cheese pepper ginger pumpkin purple yellow green blue red black white pink freedom forever whatever nothing trustno computer
internet google facebook youtube twitter linkedin instagram microsoft windows samsung iphone android oracle cisco company office
michael jennifer jessica jordan thomas daniel robert charlie andrew joshua matthew ashley michelle nicole amanda samantha
george william richard anthony maggie buster harley mustang ferrari porsche mercedes corvette yamaha killme fuckyou fuckme fuckoff fuck
bitch asshole pussy sexy sex hottie money dollar success happy lucky peace music guitar metallica slipknot blink player gamer
london paris berlin newyork america england france germany italia india china japan russia mexico canada brasil brazil australia
tidings mosquitto mqtt chat raspberry raspberrypi arduino letsgo opensesame starwarrior senha parola haslo salasana losenord
  `
    .split(/\s+/)
    .filter((word) => word !== ''),
)

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'yxcvbnm',
  'zxcvbnm',
  'йцукенгшщзхъ',
  '!@#$%^&*()',
]
const NEXT_TO = new Set(
  ROWS.flatMap((row) => [...row].slice(1).flatMap((key, i) => [`${row[i]}${key}`, `${key}${row[i]}`])),
)

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}
const plainSpelling = (text: string): string => text.replace(/[013457@$]/g, (sign) => LEET[sign] ?? sign)

/** Whether a password is one of the first that a guesser tries. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase()
  return (
    LISTED.has(lower) ||
    LISTED.has(lower.replace(/[^a-z0-9]+/g, '')) ||
    new Set(lower).size <= 4 ||
    isRepetition(lower) ||
    isWalk(lower) ||
    isDecoratedWord(lower)
  )
}

/** `abc12abc12abc12`: up to five characters again and again, the last time perhaps cut. */
function isRepetition(text: string): boolean {
  return [1, 2, 3, 4, 5].some((length) => text.startsWith(text.slice(0, -length), length))
}

/** `qwertyuiop`, `9876543210`, `abcdefg123`: along the keys, with two jumps at most. */
function isWalk(text: string): boolean {
  const keys = [...text]
  const jumps = keys.slice(1).filter((key, i) => key !== keys[i] && !NEXT_TO.has(`${keys[i]}${key}`))
  return jumps.length <= 2
}

/** `Welcome2024!`, `p@ssw0rd123`: a word that everybody takes, with up to six signs around it. */
function isDecoratedWord(text: string): boolean {
  return [text, plainSpelling(text)].some((spelling) => {
    for (let cut = 0; cut <= 6; cut++) {
      const tail = text.slice(text.length - cut)
      if (!/^[^\p{L}]*$/u.test(tail)) return false
      const base = spelling.slice(0, spelling.length - cut).replace(/^[^\p{L}]{0,4}/u, '')
      if (BASES.has(base)) return true
    }
    return false
  })
}
